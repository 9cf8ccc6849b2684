#include "machine/simd_level.h"

namespace ranvier::RANVIER_LEVEL {

const Kernels<double>& double_kernels() { return kKernels<double>; }

}  // namespace ranvier::RANVIER_LEVEL
