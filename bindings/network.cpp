// Descriptions: the network, the loss, the update, and the workspace that calls share.
#include "network.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

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

constexpr int kMostThreads = 1024;

// ("plain",), ("periodic", frequencies, learnt outputs), ("piecewise", edges, outputs, linear) or ("category", size,
// width)
Column column_of(const nb::tuple& given, std::vector<double>& edges) {
    if (given.size() == 0) throw std::bad_cast();
    const std::string kind = nb::cast<std::string>(given[0]);
    Column column;
    if (kind == "plain" && given.size() == 1) return column;
    if (kind == "piecewise" && given.size() == 4) {
        column.kind = ColumnKind::piecewise;
        edges = nb::cast<std::vector<double>>(given[1]);
        column.size = static_cast<int>(edges.size()) - 1;
        column.linear = nb::cast<bool>(given[3]);
    } else if ((kind == "periodic" || kind == "category") && given.size() == 3) {
        column.kind = kind == "periodic" ? ColumnKind::periodic : ColumnKind::category;
        column.size = nb::cast<int>(given[1]);
    } else {
        throw std::bad_cast();
    }
    column.width = nb::cast<int>(given[2]) + (column.kind == ColumnKind::periodic);
    return column;
}

void add_embedding(Network& network, const nb::list& given, bool scaled) {
    std::vector<Column> columns;
    std::vector<std::vector<double>> edges(nb::len(given));
    for (size_t i = 0; i < edges.size(); ++i) columns.push_back(column_of(nb::cast<nb::tuple>(given[i]), edges[i]));
    network.add_embedding(columns, edges, scaled);
}

void add_layer(Network& network, const nb::tuple& layer) {
    const std::string kind = nb::cast<std::string>(layer[0]);
    if (kind == "dense" && (layer.size() == 4 || layer.size() == 5))
        network.add_dense(nb::cast<int>(layer[1]), nb::cast<std::string>(layer[2]), nb::cast<double>(layer[3]),
                          layer.size() == 5 && nb::cast<bool>(layer[4]));
    else if (kind == "embedding" && layer.size() == 3)
        add_embedding(network, nb::cast<nb::list>(layer[1]), nb::cast<bool>(layer[2]));
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
            refuse("a layer",
                   "('dense', units, activation, parameter), which a True may follow for a parametric activation, "
                   "('dropout', rate) or ('embedding', columns, scaled)",
                   nb::repr(layer).c_str());
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

// Factors of two groups (W, b) or of all; of what is left out they are `rest`.
void read_factors(const char* what, const std::optional<Matrix<double>>& given, double rest, std::vector<double>& to) {
    if (!given) return;
    const size_t width = given->shape(1);
    if (width != 2 && width != Update::kGroups)
        refuse(what, "2 columns wide (W, b) or 3 (and alpha)", std::to_string(width) + " wide");
    for (size_t row = 0; row < given->shape(0); ++row)
        for (size_t group = 0; group < Update::kGroups; ++group)
            to.push_back(group < width ? given->data()[row * width + group] : rest);
}

UpdateHolder make_update(const std::string& kind, double momentum, bool nesterov, double beta1, double beta2,
                         double epsilon, bool corrected_epsilon, double l2, bool l2_by_weight, double weight_decay,
                         double clip_norm, const std::optional<Matrix<double>>& rate_factors,
                         const std::optional<Matrix<double>>& decay_factors, double averaging) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (kind != "sgd" && kind != "adam") refuse("the kind of update", "'sgd' or 'adam'", "'" + kind + "'");
    check_range("momentum", momentum, 0, 1, true);
    check_range("beta1", beta1, 0, 1);
    check_range("beta2", beta2, 0, 1);
    check_range("l2", l2, 0, infinity);
    check_range("weight_decay", weight_decay, 0, infinity);
    if (!(epsilon > 0 && epsilon < infinity)) refuse("epsilon", "above 0 and finite", std::to_string(epsilon));
    if (!(clip_norm > 0)) refuse("clip_norm", "above 0 (infinity: no clipping)", std::to_string(clip_norm));
    check_range("averaging", averaging, 0, 1);
    UpdateHolder holder;
    read_factors("rate_factors", rate_factors, 1, holder.rate_factors);
    read_factors("decay_factors", decay_factors, 0, holder.decay_factors);
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
                     nullptr,
                     nullptr,
                     averaging};
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
        .def_prop_ro("embedded", [](const Network& self) { return self.layers().front().units; })
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
               double clip_norm, const std::optional<Matrix<double>>& rate_factors,
               const std::optional<Matrix<double>>& decay_factors, double averaging) {
                new (self) UpdateHolder(make_update(kind, momentum, nesterov, beta1, beta2, epsilon, corrected_epsilon,
                                                    l2, l2_by_weight, weight_decay, clip_norm, rate_factors,
                                                    decay_factors, averaging));
            },
            nb::arg("kind"), nb::kw_only(), nb::arg("momentum") = 0.0, nb::arg("nesterov") = false,
            nb::arg("beta1") = 0.9, nb::arg("beta2") = 0.999, nb::arg("epsilon") = 1e-8,
            nb::arg("corrected_epsilon") = true, nb::arg("l2") = 0.0, nb::arg("l2_by_weight") = false,
            nb::arg("weight_decay") = 0.0, nb::arg("clip_norm") = std::numeric_limits<double>::infinity(),
            nb::arg("rate_factors").none() = nb::none(), nb::arg("decay_factors").none() = nb::none(),
            nb::arg("averaging") = 0.0,
            "corrected_epsilon: Adam's epsilon beside sqrt(v_hat), else beside sqrt(v). l2_by_weight: l2 is divided by "
            "the sum of a batch's weights. rate_factors: a row (of W, of b, of alpha) for each layer with parameters, "
            "of an embedding (of its values, of its scale, of its categories' values); None for all 1. decay_factors: "
            "the same for l2 and weight_decay; None for 1 of W and of values, else 0. averaging: beta of a running "
            "mean "
            "of theta, which the last slot keeps.")
        .def_prop_ro("slots", [](const UpdateHolder& self) { return self.update.slots(); });

    nb::class_<Workspace>(m, "Workspace", "Memory and threads that one call after the other uses.")
        .def(
            "__init__",
            [](Workspace* self, int n_threads) {
                check_range("n_threads", n_threads, 1, kMostThreads, true);
                new (self) Workspace(n_threads);
            },
            nb::arg("n_threads") = 1)
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
