// WebP images, as Google's libwebp decodes them. It refuses animations; their first picture, which is
// what GIFs show too, is a file of its own within the file.
#include "WebP.hpp"
#include "webp/decode.h"

#include <cstring>
#include <stdexcept>

namespace {

struct Bytes {
    const uint8_t *data;
    size_t length;
};

// Where the first picture of an animation stands among its pixels.
struct Frame {
    Bytes picture;
    uint32_t left;
    uint32_t top;
    uint32_t width;
    uint32_t height;
};

constexpr size_t file_header = 12;  // RIFF, length, WEBP
constexpr size_t chunk_header = 8;  // name, length
constexpr size_t frame_header = 16; // place, size, time, flags

uint32_t little(const uint8_t *bytes, size_t count) {
    uint32_t value = 0;
    for (size_t i = count; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

void check(VP8StatusCode status) {
    switch (status) {
    case VP8_STATUS_OK:
        return;
    case VP8_STATUS_OUT_OF_MEMORY:
        throw std::runtime_error("there is no memory to decode it");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        throw std::runtime_error("it ends in the middle");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        throw std::runtime_error("it has something that libwebp does not know");
    default:
        throw std::runtime_error("its data are damaged");
    }
}

WebPBitstreamFeatures features_of(Bytes file) {
    WebPBitstreamFeatures features;
    check(WebPGetFeatures(file.data, file.length, &features));
    return features;
}

Frame first_frame(Bytes file) {
    for (size_t at = file_header; at + chunk_header <= file.length;) {
        const uint8_t *chunk = file.data + at;
        const size_t length = little(chunk + 4, 4);
        const size_t start = at + chunk_header;
        if (length > file.length - start) {
            throw std::runtime_error("it ends in the middle");
        }
        if (memcmp(chunk, "ANMF", 4) != 0) {
            at = start + length + length % 2;
            continue;
        }
        if (length < frame_header) {
            throw std::runtime_error("its data are damaged");
        }
        const uint8_t *head = file.data + start;
        return {
            {head + frame_header, length - frame_header},
            2 * little(head, 3),
            2 * little(head + 3, 3),
            1 + little(head + 6, 3),
            1 + little(head + 9, 3)};
    }
    throw std::runtime_error("it is an animation without a picture");
}

void check_size(const WebPBitstreamFeatures &features, uint32_t width, uint32_t height) {
    if (static_cast<uint32_t>(features.width) != width ||
        static_cast<uint32_t>(features.height) != height) {
        throw std::runtime_error("it says two different sizes");
    }
}

// Decodes a picture into a part of the pixels, whose rows have so many bytes.
void decode(Bytes picture, unsigned char *pixels, size_t length, size_t stride) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) {
        throw std::runtime_error("libwebp is of another version");
    }
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = static_cast<int>(stride);
    config.output.u.RGBA.size = length;
    check(WebPDecode(picture.data, picture.length, &config));
}

} // namespace

namespace cllama {

bool is_webp(const uint8_t *bytes, size_t length) {
    return length >= file_header && memcmp(bytes, "RIFF", 4) == 0 &&
           memcmp(bytes + 8, "WEBP", 4) == 0;
}

std::vector<unsigned char> webp_pixels(
    const uint8_t *bytes, size_t length, uint32_t width, uint32_t height) {
    const Bytes file{bytes, length};
    const WebPBitstreamFeatures features = features_of(file);
    check_size(features, width, height);
    const size_t stride = static_cast<size_t>(width) * 3;
    std::vector<unsigned char> pixels(stride * height);
    if (!features.has_animation) {
        decode(file, pixels.data(), pixels.size(), stride);
        return pixels;
    }
    // What the first picture leaves free is black, as transparent pixels mostly are.
    const Frame frame = first_frame(file);
    if (frame.left + frame.width > width || frame.top + frame.height > height) {
        throw std::runtime_error("its first picture does not fit into it");
    }
    check_size(features_of(frame.picture), frame.width, frame.height);
    const size_t start = frame.top * stride + static_cast<size_t>(frame.left) * 3;
    decode(frame.picture, pixels.data() + start, pixels.size() - start, stride);
    return pixels;
}

} // namespace cllama
