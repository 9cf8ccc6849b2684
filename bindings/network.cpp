// Descriptions: the network, the loss, the update, and the workspace that calls share.
#include "network.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <cmath>
#include <limits>
#include <optional>
#include <typeinfo>
#include <vector>

#include "arrays.h"
#include "descriptions.h"
#include "machine/kernels.h"

namespace ranvier::bindings {

namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "Clang " __clang_version__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

void add_layer(Network& network, const nb::tuple& layer) {
    const std::string kind = nb::cast<std::string>(layer[0]);
    if (kind == "dense" && layer.size() == 4)
        network.add_dense(nb::cast<int>(layer[1]), nb::cast<std::string>(layer[2]), nb::cast<double>(layer[3]));
    else if (kind == "dropout" && layer.size() == 2)
        network.add_dropout(nb::cast<double>(layer[1]));
    else
        throw std::bad_cast();
}

Network make_network(int inputs, const nb::list& layers) {
    Network network(inputs);
    for (nb::handle layer : layers) {
        try {
            if (!nb::isinstance<nb::tuple>(layer) || nb::len(layer) == 0) throw std::bad_cast();
            add_layer(network, nb::borrow<nb::tuple>(layer));
        } catch (const std::bad_cast&) {
            refuse("a layer", "('dense', units, activation, parameter) or ('dropout', rate)", nb::repr(layer).c_str());
        }
    }
    network.check_complete();
    return network;
}

Loss make_loss(const std::string& name, double parameter) {
    static constexpr const char* kNames[] = {"squared_error", "absolute_error", "huber",        "quantile",
                                             "poisson",       "log_loss",       "cross_entropy"};
    int index = 0;
    for (const char* known : kNames) {
        if (name == known) return {static_cast<LossKind>(index), parameter};
        ++index;
    }
    refuse("the loss", "one of the names in ranvier.losses", "'" + name + "'");
}

void check_range(const char* what, double value, double low, double high, bool includes_high = false) {
    if (value >= low && (value < high || (includes_high && value == high))) return;
    refuse(what, "in [" + std::to_string(low) + ", " + std::to_string(high) + (includes_high ? "]" : ")"),
           std::to_string(value));
}

UpdateHolder make_update(const std::string& kind, double momentum, bool nesterov, double beta1, double beta2,
                         double epsilon, bool corrected_epsilon, double l2, bool l2_by_weight, double weight_decay,
                         double clip_norm, const std::optional<Matrix<double>>& rate_factors) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (kind != "sgd" && kind != "adam") refuse("the kind of update", "'sgd' or 'adam'", "'" + kind + "'");
    check_range("momentum", momentum, 0, 1, true);
    check_range("beta1", beta1, 0, 1);
    check_range("beta2", beta2, 0, 1);
    check_range("l2", l2, 0, infinity);
    check_range("weight_decay", weight_decay, 0, infinity);
    if (!(epsilon > 0 && epsilon < infinity)) refuse("epsilon", "above 0 and finite", std::to_string(epsilon));
    if (!(clip_norm > 0)) refuse("clip_norm", "above 0 (infinity: no clipping)", std::to_string(clip_norm));
    UpdateHolder holder;
    if (rate_factors) {
        if (rate_factors->shape(1) != 2)
            refuse("rate_factors", "2 columns wide (W, b)", std::to_string(rate_factors->shape(1)) + " wide");
        holder.rate_factors.assign(rate_factors->data(), rate_factors->data() + rate_factors->size());
    }
    holder.update = {kind == "adam" ? UpdateKind::adam : UpdateKind::sgd,
                     momentum,
                     nesterov,
                     beta1,
                     beta2,
                     epsilon,
                     corrected_epsilon,
                     l2,
                     l2_by_weight,
                     weight_decay,
                     std::isinf(clip_norm) ? 0 : clip_norm,
                     nullptr};
    return holder;
}

}  // namespace

void add_network(nb::module_& m) {
    nb::class_<Network>(m, "Network", "A frozen description: layers, their sizes and their place in the flat block.")
        .def(
            "__init__",
            [](Network* self, int inputs, const nb::list& layers) { new (self) Network(make_network(inputs, layers)); },
            nb::arg("inputs"), nb::arg("layers"))
        .def_prop_ro("inputs", &Network::inputs)
        .def_prop_ro("outputs", &Network::outputs)
        .def_prop_ro("parameters", &Network::parameters);

    nb::class_<Loss>(m, "Loss", "What to minimise: a name and its parameter.")
        .def(
            "__init__",
            [](Loss* self, const std::string& name, double parameter) { new (self) Loss(make_loss(name, parameter)); },
            nb::arg("name"), nb::arg("parameter") = 0.0);

    nb::class_<UpdateHolder>(m, "Update", "How parameters move: the rule and its constants.")
        .def(
            "__init__",
            [](UpdateHolder* self, const std::string& kind, double momentum, bool nesterov, double beta1, double beta2,
               double epsilon, bool corrected_epsilon, double l2, bool l2_by_weight, double weight_decay,
               double clip_norm, const std::optional<Matrix<double>>& rate_factors) {
                new (self) UpdateHolder(make_update(kind, momentum, nesterov, beta1, beta2, epsilon, corrected_epsilon,
                                                    l2, l2_by_weight, weight_decay, clip_norm, rate_factors));
            },
            nb::arg("kind"), nb::kw_only(), nb::arg("momentum") = 0.0, nb::arg("nesterov") = false,
            nb::arg("beta1") = 0.9, nb::arg("beta2") = 0.999, nb::arg("epsilon") = 1e-8,
            nb::arg("corrected_epsilon") = true, nb::arg("l2") = 0.0, nb::arg("l2_by_weight") = false,
            nb::arg("weight_decay") = 0.0, nb::arg("clip_norm") = std::numeric_limits<double>::infinity(),
            nb::arg("rate_factors").none() = nb::none(),
            "corrected_epsilon: Adam's epsilon beside sqrt(v_hat), else beside sqrt(v). l2_by_weight: l2 is divided by "
            "the sum of a batch's weights. rate_factors: a row (of W, of b) for each dense layer; None for all 1.")
        .def_prop_ro("slots", [](const UpdateHolder& self) { return self.update.slots(); });

    nb::class_<Workspace>(m, "Workspace", "Memory and threads that one call after the other uses.")
        .def(nb::init<int>(), nb::arg("n_threads") = 1)
        .def_prop_ro("n_threads", [](const Workspace& self) { return self.team.size(); });

    m.def(
        "show_config",
        [] {
            nb::dict config;
            nb::list levels;
            for (const char* level : levels_available()) levels.append(level);
            config["level"] = level_in_use();
            config["levels_available"] = levels;
            config["compiler"] = kCompiler;
            return config;
        },
        "The instruction set in use, those that RANVIER_LEVEL may name, and the compiler of all this.");
}

}  // namespace ranvier::bindings
