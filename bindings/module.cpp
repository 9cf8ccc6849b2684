// Table of contents of ranvier._engine. The bindings convert and check; they never compute.
#include <nanobind/nanobind.h>

#include "engine_call.h"

namespace ranvier::bindings {
void add_network(nanobind::module_& m);
void add_entry_points(nanobind::module_& m);
void add_pieces(nanobind::module_& m);
void add_test_kernels(nanobind::module_& m);
}  // namespace ranvier::bindings

// The mark by which threadpoolctl knows this library among others called _engine (src/ranvier/threads.py).
extern "C" NB_EXPORT int ranvier_engine() { return 1; }

NB_MODULE(_engine, m) {
    nanobind::set_leak_warnings(false);  // a traceback that pytest keeps also keeps our objects
    m.doc() = "Ranvier's engine: networks over one flat block of parameters.";
    ranvier::bindings::watch_interpreter_exit();
    ranvier::bindings::add_network(m);
    ranvier::bindings::add_entry_points(m);
    ranvier::bindings::add_pieces(m);
    nanobind::module_ kernels =
        m.def_submodule("test_kernels", "Single pieces of the engine that nothing but the tests calls.");
    ranvier::bindings::add_test_kernels(kernels);
}
