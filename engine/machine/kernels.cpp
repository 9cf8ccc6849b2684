#include "machine/kernels.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "machine/cpu.h"

// One pair of tables for each level that the build compiled: RANVIER_HAS_... (CMakeLists.txt).
#define RANVIER_DECLARE(level)               \
    namespace ranvier::level {               \
    const Kernels<float>& float_kernels();   \
    const Kernels<double>& double_kernels(); \
    }
#if defined(RANVIER_HAS_neon)
RANVIER_DECLARE(neon)
#endif
#if defined(RANVIER_HAS_baseline)
RANVIER_DECLARE(baseline)
#endif
#if defined(RANVIER_HAS_avx2)
RANVIER_DECLARE(avx2)
#endif
#if defined(RANVIER_HAS_wide)
RANVIER_DECLARE(wide)
#endif
#if defined(RANVIER_HAS_avx512)
RANVIER_DECLARE(avx512)
#endif
#undef RANVIER_DECLARE

namespace ranvier {

namespace {

struct Level {
    const char* name;
    bool (*runs_here)();
    const Kernels<float>& (*float_kernels)();
    const Kernels<double>& (*double_kernels)();
};

[[maybe_unused]] bool always() { return true; }

// Lowest first.
constexpr Level kLevels[] = {
#if defined(RANVIER_HAS_neon)
    {"neon", always, neon::float_kernels, neon::double_kernels},
#endif
#if defined(RANVIER_HAS_baseline)
    {"baseline", always, baseline::float_kernels, baseline::double_kernels},
#endif
#if defined(RANVIER_HAS_avx2)
    {"avx2", cpu_has_avx2_and_fma, avx2::float_kernels, avx2::double_kernels},
#endif
#if defined(RANVIER_HAS_wide)  // only in the builds of tools/sanitize.sh
    {"wide", cpu_has_avx2_and_fma, wide::float_kernels, wide::double_kernels},
#endif
#if defined(RANVIER_HAS_avx512)
    {"avx512", cpu_has_avx512, avx512::float_kernels, avx512::double_kernels},
#endif
};

const Level& choose() {
    const char* wanted = std::getenv("RANVIER_LEVEL");
    const Level* best = nullptr;
    for (const Level& level : kLevels) {
        if (!level.runs_here()) continue;
        best = &level;
        if (wanted && std::string(wanted) == level.name) return level;
    }
    if (!best)
        throw std::runtime_error(
            "this build of Ranvier's engine needs instructions that this processor does not have: it was made with "
            "RANVIER_LEVELS=native on another machine. Install Ranvier again here.");
    if (wanted && *wanted) {
        std::string names;
        for (const char* name : levels_available()) names += std::string(names.empty() ? "" : ", ") + name;
        throw std::runtime_error("RANVIER_LEVEL is '" + std::string(wanted) +
                                 "', but this build on this processor has: " + names +
                                 ". Set it to one of these, or unset it.");
    }
    return *best;
}

const Level& chosen() {
    static const Level& level = choose();
    return level;
}

}  // namespace

template <>
const Kernels<float>& kernels<float>() {
    return chosen().float_kernels();
}

template <>
const Kernels<double>& kernels<double>() {
    return chosen().double_kernels();
}

const char* level_in_use() { return chosen().name; }

const std::vector<const char*>& levels_available() {
    static const std::vector<const char*> names = [] {
        std::vector<const char*> available;
        for (const Level& level : kLevels)
            if (level.runs_here()) available.push_back(level.name);
        return available;
    }();
    return names;
}

}  // namespace ranvier
