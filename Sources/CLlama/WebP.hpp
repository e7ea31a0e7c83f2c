// Reading WebP images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cllama {

bool is_webp(const uint8_t *bytes, size_t length);

// The pixels of a WebP file that has so many, red, green and blue; of an animation its first picture.
// Throws with what is wrong.
std::vector<unsigned char> webp_pixels(
    const uint8_t *bytes, size_t length, uint32_t width, uint32_t height);

} // namespace cllama
