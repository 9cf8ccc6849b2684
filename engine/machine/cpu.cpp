#include "machine/cpu.h"

namespace ranvier {

#if defined(__x86_64__)
// The compiler's own test also asks the system whether it saves the wide registers.
bool cpu_has_avx2_and_fma() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool cpu_has_avx512() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#else
bool cpu_has_avx2_and_fma() { return false; }
bool cpu_has_avx512() { return false; }
#endif

}  // namespace ranvier
