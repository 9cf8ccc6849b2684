// Random networks through the entry points of the engine, with one thread and with several, and several at once: all
// results must be the same, bit for bit. Built with sanitizers, or for another processor, by tools/sanitize.sh.
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
#include "trial.h"

namespace ranvier {

namespace {

// Everything that the entry points gave, one array after the other, as bytes.
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
void predict_sparse(const Trial<Real>& trial, Workspace& workspace, Results& results) {
    std::vector<Real> theta = trial.theta;
    std::vector<Real> Y_hat(static_cast<size_t>(trial.rows) * trial.network.outputs());
    Prediction<Real> job{trial.model(theta, true), nullptr, trial.rows, Y_hat.data()};
    job.sparse = trial.table(true).sparse;
    kernels<Real>().predict(job, workspace);
    results.add(Y_hat);
}

template <class Real>
void differentiate(const Trial<Real>& trial, bool sparse, Workspace& workspace, Results& results) {
    std::vector<Real> theta = trial.theta;
    std::vector<Real> gradient(theta.size());
    Gradient<Real> job{trial.model(theta, sparse), trial.table(sparse), trial.loss, gradient.data()};
    kernels<Real>().gradient(job, workspace);
    results.add(gradient);
    results.add(std::vector<double>{job.result});
}

template <class Real>
void train(const Trial<Real>& trial, bool sparse, Workspace& workspace, Results& results) {
    std::vector<Real> theta = trial.theta;
    std::vector<Real> state(static_cast<size_t>(trial.update.slots()) * theta.size());
    Epoch<Real> job;
    job.model = trial.model(theta, sparse);
    job.table = trial.table(sparse);
    job.loss = trial.loss;
    job.update = trial.update;
    if (!trial.rate_factors.empty()) job.update.rate_factors = trial.rate_factors.data();
    if (!trial.decay_factors.empty()) job.update.decay_factors = trial.decay_factors.data();
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
    differentiate(trial, false, workspace, results);
    train(trial, false, workspace, results);
    if (trial.can_be_sparse()) {
        predict_sparse(trial, workspace, results);
        differentiate(trial, true, workspace, results);
        train(trial, true, workspace, results);
    }
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
        job.table = trial.table(false);
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
