#include "machine/kernels.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "machine/cpu.h"

// One pair of tables for each level that the build compiled (see CMakeLists.txt).
#define RANVIER_DECLARE(level)               \
    namespace ranvier::level {               \
    const Kernels<float>& float_kernels();   \
    const Kernels<double>& double_kernels(); \
    }
#if defined(__aarch64__)
RANVIER_DECLARE(neon)
#elif defined(__x86_64__)
RANVIER_DECLARE(baseline)
RANVIER_DECLARE(avx2)
#if defined(RANVIER_HAS_WIDE)
RANVIER_DECLARE(wide)
#endif
RANVIER_DECLARE(avx512)
#else
RANVIER_DECLARE(baseline)
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

bool always() { return true; }

// Lowest first.
constexpr Level kLevels[] = {
#if defined(__aarch64__)
    {"neon", always, neon::float_kernels, neon::double_kernels},
#elif defined(__x86_64__)
    {"baseline", always, baseline::float_kernels, baseline::double_kernels},
    {"avx2", cpu_has_avx2_and_fma, avx2::float_kernels, avx2::double_kernels},
#if defined(RANVIER_HAS_WIDE)  // only in the builds of tools/sanitize.sh
    {"wide", cpu_has_avx2_and_fma, wide::float_kernels, wide::double_kernels},
#endif
    {"avx512", cpu_has_avx512, avx512::float_kernels, avx512::double_kernels},
#else
    {"baseline", always, baseline::float_kernels, baseline::double_kernels},
#endif
};

const Level& choose() {
    const char* wanted = std::getenv("RANVIER_LEVEL");
    const Level* best = nullptr;
    for (const Level& level : kLevels) {
        if (!level.runs_here()) break;
        best = &level;
        if (wanted && std::string(wanted) == level.name) return level;
    }
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
