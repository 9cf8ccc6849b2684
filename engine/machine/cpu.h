// What this processor, and the system on it, can run.
#pragma once

namespace ranvier {

bool cpu_has_avx2_and_fma();
bool cpu_has_avx512();

}  // namespace ranvier
