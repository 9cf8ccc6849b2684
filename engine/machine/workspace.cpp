#include "machine/workspace.h"

#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ranvier {

namespace {
constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = 1 << 21;
size_t round_up(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Large memory in pages of 2 MiB where the system has them: with pages of 4 KiB a wide network's parameters are more
// pages than the processor can keep in mind. It is only a hint: failure is ignored.
char* allocate(size_t bytes) {
    void* data = nullptr;
    const bool large = bytes >= kHugePage;
    if (posix_memalign(&data, large ? kHugePage : kAlignment, bytes) != 0) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
    if (large) madvise(data, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<char*>(data);
}
}  // namespace

Arena::~Arena() {
    for (const Piece& piece : pieces_) std::free(piece.data);
}

void Arena::add_piece(size_t bytes) { pieces_.push_back({allocate(bytes), bytes, 0}); }

void Arena::reset() {
    if (pieces_.size() > 1) {
        size_t total = 0;
        for (const Piece& piece : pieces_) total += piece.size;
        for (const Piece& piece : pieces_) std::free(piece.data);
        pieces_.clear();
        add_piece(total);
    }
    for (Piece& piece : pieces_) piece.used = 0;
}

void* Arena::take(size_t bytes) { return std::memset(take_unset(bytes), 0, bytes); }

void* Arena::take_unset(size_t bytes) {
    bytes = round_up(bytes);
    if (pieces_.empty() || pieces_.back().size - pieces_.back().used < bytes) {
        constexpr size_t kSmallestPiece = 1 << 16;
        add_piece(bytes > kSmallestPiece ? bytes : kSmallestPiece);
    }
    Piece& piece = pieces_.back();
    char* data = piece.data + piece.used;
    piece.used += bytes;
    return data;
}

}  // namespace ranvier
