// Whether loops are over sooner when a team shares them or when its caller does them alone, found out by trying.
//
// A team may lose where a step is short: its threads fetch what the others wrote, and two processors of a virtual
// machine may be far from each other for a second, or share their time with another program. So a few times a second
// some steps are done the other way, and the quicker mode is kept. The mode never changes a result.
#pragma once

#include <cstdint>

namespace ranvier {

class AdaptiveThreading {
  public:
    // Whether the caller is to do the loop that begins `now`, in nanoseconds, alone. A step begins with each loop
    // of one kind, that is with this body and count: every step has one such loop.
    bool alone(uintptr_t body, int count, int64_t now);

    // To be called for a loop that was done alone for another reason: what is being measured is void.
    void interrupt();

  private:
    // How long a way is taken, at least: in steps, so that trials of long ones stay rare, and in nanoseconds, since a
    // helper that was asleep needs a millisecond or so until it works as fast as it can.
    struct Stretch {
        int steps;
        int64_t time;
    };
    static constexpr int kTimed = 8;  // steps at the end of a stretch
    static constexpr int64_t kMillisecond = 1'000'000;
    // The way in use is taken for longer and longer: a fit of 30 ms should not spend 20 of them the wrong way.
    static constexpr Stretch kFirst = {32, 4 * kMillisecond}, kLongest = {1000, 200 * kMillisecond},
                             kTrial = {2 + kTimed, 2 * kMillisecond};
    static constexpr int kGrowth = 4;
    static constexpr int kForgetAfter = 64;  // loops of other kinds in a row, after which there is another training

    void begin(const Stretch& stretch);
    void grow();
    void compare();
    int64_t middle() const;

    uintptr_t body_ = 0;
    int count_ = 0;
    int other_loops_ = kForgetAfter;
    bool alone_ = false;   // the way in use
    bool trying_ = false;  // the other one, for a trial
    Stretch usual_stretch_ = kFirst, stretch_ = kFirst;
    int steps_ = 0;  // of this stretch, so far
    int64_t began_ = 0, last_ = 0;
    int64_t times_[kTimed] = {};  // of the last steps, each from one loop of the kind to the next
    int64_t usual_ = 0;           // the middle one of them, of the way in use
};

}  // namespace ranvier
