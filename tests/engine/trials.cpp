// Random networks through the doors of the engine, with one thread and with several, and several at once: all results
// must be the same, bit for bit. Built with sanitizers, or for another processor, by tools/sanitize.sh.
//
//     trials COUNT                run so many trials; a line with a fingerprint of the results for each
//     trials --levels             the levels that RANVIER_LEVEL may name here
//     trials --spoil memory|race  break a rule on purpose, to see that a sanitizer sees it
//
// Every array is exactly as long as it must be, so that one step beyond its end is seen.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "machine/kernels.h"

namespace ranvier {

namespace {

// SplitMix64 (Steele et al. 2014), and no function of the C library: the same numbers on every machine.
class Draw {
  public:
    explicit Draw(uint64_t seed) : state_(seed) {}

    uint64_t bits() {
        uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    int between(int low, int high) {  // both included
        return low + static_cast<int>(bits() % static_cast<uint64_t>(high - low + 1));
    }
    bool chance(int percent) { return between(1, 100) <= percent; }
    double uniform(double low, double high) { return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53; }

  private:
    uint64_t state_;
};

constexpr const char* kHidden[] = {"relu",      "leaky_relu", "relu6",        "elu",       "selu",    "gelu",
                                   "gelu_tanh", "silu",       "mish",         "sigmoid",   "tanh",    "exp",
                                   "softplus",  "softsign",   "hard_sigmoid", "hard_tanh", "identity"};
constexpr LossKind kLosses[] = {LossKind::squared_error, LossKind::absolute_error, LossKind::huber,
                                LossKind::quantile,      LossKind::poisson,        LossKind::log_loss,
                                LossKind::cross_entropy};

Network random_network(Draw& draw, LossKind loss, int widest) {
    Network network(draw.between(1, widest));
    for (int hidden = draw.between(0, 3); hidden > 0; --hidden) {
        if (draw.chance(30)) network.add_dropout(draw.uniform(0.1, 0.6));
        const char* const name = kHidden[draw.bits() % std::size(kHidden)];
        network.add_dense(draw.between(1, widest), name, 0.3);
    }
    const bool canonical = draw.chance(50);
    const char* output = "identity";
    if (canonical && loss == LossKind::cross_entropy) output = "softmax";
    if (canonical && loss == LossKind::log_loss) output = "sigmoid";
    if (canonical && loss == LossKind::poisson) output = "exp";
    network.add_dense(draw.between(1, 20), output, 0);
    return network;
}

Update random_update(Draw& draw) {
    Update update;
    if (draw.chance(60)) update.kind = UpdateKind::adam;
    if (update.kind == UpdateKind::sgd && draw.chance(60)) update.momentum = 0.9;
    update.nesterov = update.momentum > 0 && draw.chance(50);
    if (draw.chance(30)) update.l2 = 1e-3;
    if (draw.chance(30)) update.weight_decay = 0.01;
    if (draw.chance(30)) update.clip_norm = 0.5;
    return update;
}

struct Sizes {
    int widest;
    int fewest_rows;
    int most_rows;
    int largest_batch;
};

// Of every kind that the engine treats in its own way: odd ones, wide layers, and many rows with few parameters.
Sizes sizes_of(uint64_t seed) {
    switch (seed % 8) {
        case 0: return {300, 300, 900, 700};
        case 4: return {14, 2000, 4000, 4000};
        default: return {90, 1, 400, 140};
    }
}

// A network, rows and a way to train on them.
template <class Real>
struct Trial {
    Network network{1};
    Loss loss;
    Update update;
    int rows = 0;
    int batch_size = 1;
    std::vector<Real> theta, X, Y, weights;
    std::vector<int32_t> labels;
    std::vector<int64_t> order;
    std::vector<double> rates, rate_factors;

    Trial(uint64_t seed, const Sizes& sizes);
    Model<Real> model(std::vector<Real>& parameters) const;
    Table<Real> table() const;
};

template <class Real>
Trial<Real>::Trial(uint64_t seed, const Sizes& sizes) {
    Draw draw(seed);
    loss = {kLosses[draw.bits() % std::size(kLosses)], 0.5};
    if (loss.kind == LossKind::cross_entropy) loss.parameter = 0.1;
    network = random_network(draw, loss.kind, sizes.widest);
    update = random_update(draw);
    rows = draw.between(sizes.fewest_rows, sizes.most_rows);
    batch_size = draw.between(1, sizes.largest_batch);

    theta.resize(static_cast<size_t>(network.parameters()));
    for (Real& x : theta) x = static_cast<Real>(draw.uniform(-0.2, 0.2));
    X.resize(static_cast<size_t>(rows) * network.inputs());
    for (Real& x : X) x = static_cast<Real>(draw.uniform(-2, 2));
    if (loss.kind == LossKind::cross_entropy) {
        for (int r = 0; r < rows; ++r) labels.push_back(draw.between(0, network.outputs() - 1));
    } else {
        const bool whole = loss.kind == LossKind::poisson || loss.kind == LossKind::log_loss;
        for (int i = 0; i < rows * network.outputs(); ++i)
            Y.push_back(static_cast<Real>(whole ? draw.between(0, 1) : draw.uniform(-2, 2)));
    }
    if (draw.chance(50))
        for (int r = 0; r < rows; ++r)
            weights.push_back(static_cast<Real>(r && draw.chance(20) ? 0 : draw.uniform(0.2, 3)));
    for (int r = 0; r < rows; ++r) order.push_back(draw.between(0, rows - 1));
    rates.assign(static_cast<size_t>((rows + batch_size - 1) / batch_size), 0.003);
    if (draw.chance(30))
        for (int i = 0; i < 2 * network.dense_layers(); ++i) rate_factors.push_back(draw.uniform(0, 2));
}

template <class Real>
Model<Real> Trial<Real>::model(std::vector<Real>& parameters) const {
    return {network.layers().data(), static_cast<int>(network.layers().size()),
            network.inputs(),        network.outputs(),
            network.dense_layers(),  network.parameters(),
            parameters.data()};
}

template <class Real>
Table<Real> Trial<Real>::table() const {
    Table<Real> table;
    table.X = X.data();
    table.Y = Y.empty() ? nullptr : Y.data();
    table.labels = labels.empty() ? nullptr : labels.data();
    table.weights = weights.empty() ? nullptr : weights.data();
    table.rows = rows;
    return table;
}

// Everything that the doors gave, one array after the other, as bytes.
class Results {
  public:
    template <class Value>
    void add(const std::vector<Value>& values) {
        const size_t at = bytes_.size();
        bytes_.resize(at + values.size() * sizeof(Value));
        if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size() * sizeof(Value));
    }
    bool operator==(const Results& other) const { return bytes_ == other.bytes_; }

    uint64_t fingerprint() const {  // FNV-1a
        uint64_t hash = 0xcbf29ce484222325u;
        for (unsigned char byte : bytes_) hash = (hash ^ byte) * 0x100000001b3u;
        return hash;
    }

  private:
    std::vector<unsigned char> bytes_;
};

template <class Real>
void predict(const Trial<Real>& trial, Workspace& workspace, Results& results) {
    std::vector<Real> theta = trial.theta;
    std::vector<Real> Y_hat(static_cast<size_t>(trial.rows) * trial.network.outputs());
    const Prediction<Real> job{trial.model(theta), trial.X.data(), trial.rows, Y_hat.data()};
    kernels<Real>().predict(job, workspace);
    results.add(Y_hat);

    std::vector<std::vector<Real>> values;
    for (const Layer& layer : trial.network.layers())
        if (layer.is_dense())
            for (int of_Z_and_A = 0; of_Z_and_A < 2; ++of_Z_and_A)
                values.emplace_back(static_cast<size_t>(trial.rows) * layer.units);
    std::vector<Real*> Z, A;
    for (size_t i = 0; i < values.size(); i += 2) {
        Z.push_back(values[i].data());
        A.push_back(values[i + 1].data());
    }
    const Prediction<Real> open{trial.model(theta), trial.X.data(), trial.rows, nullptr, Z.data(), A.data()};
    kernels<Real>().predict(open, workspace);
    for (const std::vector<Real>& matrix : values) results.add(matrix);
}

template <class Real>
void differentiate(const Trial<Real>& trial, Workspace& workspace, Results& results) {
    std::vector<Real> theta = trial.theta;
    std::vector<Real> gradient(theta.size());
    Gradient<Real> job{trial.model(theta), trial.table(), trial.loss, gradient.data()};
    kernels<Real>().gradient(job, workspace);
    results.add(gradient);
    results.add(std::vector<double>{job.result});
}

template <class Real>
void train(const Trial<Real>& trial, Workspace& workspace, Results& results) {
    std::vector<Real> theta = trial.theta;
    std::vector<Real> state(static_cast<size_t>(trial.update.slots()) * theta.size());
    Epoch<Real> job;
    job.model = trial.model(theta);
    job.table = trial.table();
    job.loss = trial.loss;
    job.update = trial.update;
    if (!trial.rate_factors.empty()) job.update.rate_factors = trial.rate_factors.data();
    job.state = state.data();
    job.order = trial.order.data();
    job.order_size = static_cast<int64_t>(trial.order.size());
    job.batch_size = trial.batch_size;
    job.rates = trial.rates.data();
    job.seed = 9;
    for (job.number = 1; job.number <= 3; ++job.number) {
        kernels<Real>().train_epoch(job, workspace);
        results.add(std::vector<double>{job.mean_loss, job.gradient_norm, static_cast<double>(job.failed_step)});
        job.steps_before += static_cast<int64_t>(trial.rates.size());
    }
    results.add(theta);
    results.add(state);
}

template <class Real>
Results results_of(const Trial<Real>& trial, Workspace& workspace) {
    Results results;
    predict(trial, workspace, results);
    differentiate(trial, workspace, results);
    train(trial, workspace, results);
    return results;
}

[[noreturn]] void fail(uint64_t seed, const char* what) {
    std::fprintf(stderr, "trial %llu: other results %s\n", static_cast<unsigned long long>(seed), what);
    std::exit(1);
}

// One thread, then several in workspaces that were used before, then three trainings at once.
template <class Real>
void run(const char* type, uint64_t seed, std::vector<std::unique_ptr<Workspace>>& used) {
    const Trial<Real> trial(seed, sizes_of(seed));
    Workspace alone(1);
    const Results results = results_of(trial, alone);
    for (const std::unique_ptr<Workspace>& workspace : used)
        if (!(results_of(trial, *workspace) == results)) fail(seed, "with another number of threads");
    if (seed % 4 == 0) {
        bool same[3] = {};
        std::vector<std::thread> callers;
        for (bool& mine : same)
            callers.emplace_back([&trial, &results, &mine] {
                Workspace own(2);
                mine = results_of(trial, own) == results;
            });
        for (std::thread& caller : callers) caller.join();
        if (!(same[0] && same[1] && same[2])) fail(seed, "from several callers at once");
    }
    std::printf("%llu %s %016llx\n", static_cast<unsigned long long>(seed), type,
                static_cast<unsigned long long>(results.fingerprint()));
}

// A row more than X has: the engine must be seen to read beyond the end.
void read_beyond_the_end() {
    Trial<float> trial(1, sizes_of(1));
    Workspace workspace(1);
    Results results;
    std::vector<float> theta = trial.theta;
    std::vector<float> Y_hat(static_cast<size_t>(trial.rows + 1) * trial.network.outputs());
    kernels<float>().predict({trial.model(theta), trial.X.data(), trial.rows + 1, Y_hat.data()}, workspace);
}

// Two callers that train the same theta without waiting for each other.
void race() {
    Trial<float> trial(1, sizes_of(1));
    std::vector<float> theta = trial.theta, state(2 * theta.size());
    auto train_shared = [&] {
        Workspace workspace(1);
        Epoch<float> job;
        job.model = trial.model(theta);
        job.table = trial.table();
        job.loss = trial.loss;
        job.update.kind = UpdateKind::adam;
        job.state = state.data();
        job.order = trial.order.data();
        job.order_size = static_cast<int64_t>(trial.order.size());
        job.batch_size = trial.batch_size;
        job.rates = trial.rates.data();
        kernels<float>().train_epoch(job, workspace);
    };
    std::thread other(train_shared);
    train_shared();
    other.join();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string first = argc > 1 ? argv[1] : "", second = argc > 2 ? argv[2] : "";
    if (first == "--levels") {
        for (const char* level : levels_available()) std::printf("%s\n", level);
        return 0;
    }
    if (first == "--spoil" && (second == "memory" || second == "race")) {
        second == "memory" ? read_beyond_the_end() : race();
        return 0;
    }
    const int count = std::atoi(first.c_str());
    if (count < 1) {
        std::fprintf(stderr, "usage: trials COUNT | --levels | --spoil memory|race\n");
        return 2;
    }
    std::vector<std::unique_ptr<Workspace>> used;
    for (int threads = 2; threads <= 4; ++threads) used.push_back(std::make_unique<Workspace>(threads));
    for (uint64_t seed = 0; seed < static_cast<uint64_t>(count); ++seed) {
        run<float>("float", seed, used);
        run<double>("double", seed, used);
    }
    return 0;
}

}  // namespace ranvier

int main(int argc, char** argv) { return ranvier::main(argc, argv); }
