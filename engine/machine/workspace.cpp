#include "machine/workspace.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace ranvier {

namespace {
constexpr size_t kAlignment = 64;
size_t round_up(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }
}  // namespace

Arena::~Arena() {
    for (const Piece& piece : pieces_) std::free(piece.data);
}

void Arena::add_piece(size_t bytes) {
    void* data = nullptr;
    if (posix_memalign(&data, kAlignment, bytes) != 0) throw std::bad_alloc();
    pieces_.push_back({static_cast<char*>(data), bytes, 0});
}

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

void* Arena::take(size_t bytes) {
    bytes = round_up(bytes);
    if (pieces_.empty() || pieces_.back().size - pieces_.back().used < bytes) {
        constexpr size_t kSmallestPiece = 1 << 16;
        add_piece(bytes > kSmallestPiece ? bytes : kSmallestPiece);
    }
    Piece& piece = pieces_.back();
    char* data = piece.data + piece.used;
    piece.used += bytes;
    std::memset(data, 0, bytes);
    return data;
}

}  // namespace ranvier
