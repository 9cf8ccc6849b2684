#include "machine/simd_level.h"

namespace ranvier::RANVIER_LEVEL {

const Kernels<float>& float_kernels() { return kKernels<float>; }

}  // namespace ranvier::RANVIER_LEVEL
