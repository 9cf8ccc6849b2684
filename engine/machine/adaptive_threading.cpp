#include "machine/adaptive_threading.h"

#include <algorithm>
#include <iterator>

namespace ranvier {

bool AdaptiveThreading::alone(uintptr_t body, int count, int64_t now) {
    if (body == body_ && count == count_) {
        other_loops_ = 0;
        times_[steps_++ % kTimed] = now - last_;
        last_ = now;
        if (steps_ == 1) began_ = now;
        if (steps_ >= stretch_.steps && now - began_ >= stretch_.time) compare();
    } else if (++other_loops_ > kForgetAfter) {
        body_ = body, count_ = count, other_loops_ = 0, last_ = now;
        interrupt();
    }
    return alone_ != trying_;
}

void AdaptiveThreading::interrupt() {
    trying_ = false;
    usual_stretch_ = kFirst;
    begin(kFirst);
}

void AdaptiveThreading::begin(const Stretch& stretch) {
    stretch_ = stretch;
    steps_ = 0;
}

// The other way must win a twentieth, lest the two take turns by chance.
void AdaptiveThreading::compare() {
    trying_ = !trying_;
    if (trying_) {
        usual_ = middle();
        return begin(kTrial);
    }
    if (20 * middle() < 19 * usual_) alone_ = !alone_;
    grow();
    begin(usual_stretch_);
}

void AdaptiveThreading::grow() {
    usual_stretch_.steps = std::min(usual_stretch_.steps * kGrowth, kLongest.steps);
    usual_stretch_.time = std::min(usual_stretch_.time * kGrowth, kLongest.time);
}

int64_t AdaptiveThreading::middle() const {
    int64_t sorted[kTimed];
    std::copy(std::begin(times_), std::end(times_), sorted);
    std::nth_element(sorted, sorted + kTimed / 2, sorted + kTimed);
    return sorted[kTimed / 2];
}

}  // namespace ranvier
