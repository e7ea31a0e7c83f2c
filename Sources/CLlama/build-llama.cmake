# What this project changes in llama.cpp's build; read by CMake at the end of llama.cpp's project().

option(LMSTUDIO_UNCHANGED "llama.cpp's own source and optimization levels, to measure beside")

# Puts `new` in place of `old` in a file of llama.cpp, unless the file has `done`: a build that was
# stopped has changed it already.
function(lmstudio_replace path done old new)
    if(LMSTUDIO_UNCHANGED)
        return()
    endif()
    set(file "${PROJECT_SOURCE_DIR}/${path}")
    file(READ "${file}" text)
    string(FIND "${text}" "${done}" found)
    if(NOT found EQUAL -1)
        return()
    endif()
    string(FIND "${text}" "${old}" found)
    if(found EQUAL -1)
        message(FATAL_ERROR "${file} is not as build-llama.cmake expects it: no ${old}")
    endif()
    string(REPLACE "${old}" "${new}" text "${text}")
    file(WRITE "${file}" "${text}")
endfunction()

# Puts `new` before `old`.
function(lmstudio_before path new old)
    lmstudio_replace(${path} "${new}${old}" "${old}" "${new}${old}")
endfunction()

# Puts `new` behind `old`.
function(lmstudio_behind path old new)
    lmstudio_replace(${path} "${old}${new}" "${old}" "${old}${new}")
endfunction()

# Without OpenMP, ggml's threads spin where they wait for each other, and never give up their
# processor. With more such threads than processors (two models at work, or a compiler beside one)
# the spinning ones keep off the processor those that they wait for: three llama-bench at once on two
# cores had a third of their speed. So each waiting thread yields now and then. A pause instruction
# takes 10 to 140 cycles, hence 1,024 of them 10 to 50 µs: rarer than any barrier that is on time.
# Without its TLS model the counter would cost a call each time, in a shared library.
set(path ggml/src/ggml-cpu/ggml-cpu.c)
set(barrier "void ggml_barrier(struct ggml_threadpool * tp) {\n")
set(relax "static inline void lmstudio_relax(void) {
    static _Thread_local unsigned rounds __attribute__((tls_model(\"initial-exec\")));
    ggml_thread_cpu_relax();
    if (++rounds % 1024 == 0) {
        sched_yield();
    }
}
")
lmstudio_replace(${path} "        lmstudio_relax();"
    "        ggml_thread_cpu_relax();\n" "        lmstudio_relax();\n")
lmstudio_replace(${path} "${relax}" "${barrier}" "${relax}\n${barrier}")

# Each batch of a unified cache is looked through for pairs of coupled sequences, 256 times 256, whatever
# is in it: of a sequence without a token in the batch there are none.
set(loop "        for (uint32_t s0 = 0; s0 < n_seq_max; ++s0) {\n")
set(skip "            if (seq_pos[s0].empty()) { continue; }\n")
lmstudio_behind(src/llama-batch.cpp "${loop}" "${skip}")

# Compiling a vocabulary's regular expressions takes several times as long as splitting a short text by them;
# there are a few dozen, all written down in llama.cpp.
set(path src/unicode.cpp)
set(compile "    std::basic_regex<CharT> expr(regex, regex_flags);\n")
set(once "    static std::mutex lmstudio_lock;
    // Never destroyed: threads may still split when the process ends.
    static auto & lmstudio_compiled = *new std::map<std::basic_string<CharT>, const std::basic_regex<CharT>>;
    const auto & expr = [&]() -> const std::basic_regex<CharT> & {
        std::lock_guard<std::mutex> guard(lmstudio_lock);
        return lmstudio_compiled.try_emplace(regex, regex, regex_flags).first->second;
    }();
")
lmstudio_replace(${path} "lmstudio_compiled" "${compile}" "${once}")
lmstudio_replace(${path} "#include <mutex>" "#include <map>\n" "#include <map>\n#include <mutex>\n")

include("${CMAKE_CURRENT_LIST_DIR}/build-jinja.cmake")

# Cells of other sequences, and those that lie ahead, are masked out. Which ones is found out once for all
# heads: cell by cell for each of them, the texts that a unified cache keeps of others cost a tenth of a
# long prompt's time, and the neighbours of a stream a twentieth of its own.
set(path ggml/src/ggml-cpu/ops.cpp)
file(COPY_FILE "${CMAKE_CURRENT_LIST_DIR}/VisibleCells.hpp"
    "${PROJECT_SOURCE_DIR}/ggml/src/ggml-cpu/VisibleCells.hpp")
set(function "static void ggml_compute_forward_flash_attn_ext_f16_one_chunk(\n")
set(include "#include \"VisibleCells.hpp\"\n\n")
lmstudio_before(${path} "${include}" "${function}")

# A query's cells one by one,
set(loop "    for (int ir = ir0; ir < ir1; ++ir) {
        // q indices
        const int iq3 = ir/(neq2*neq1);
        const int iq2 = (ir - iq3*neq2*neq1)/neq1;
        const int iq1 = (ir - iq3*neq2*neq1 - iq2*neq1);
")
set(row "        const lmstudio::VisibleCells lmstudio_cells(params, mask, iq1, iq2, iq3);\n")
lmstudio_behind(${path} "${loop}" "${row}")
set(cell "            const float mv = mp ? slope*GGML_CPU_FP16_TO_FP32(mp[ic]) : 0.0f;\n")
set(next "            ic = lmstudio_cells.next(ic, ic_end);
            if (ic == ic_end) { break; }
")
lmstudio_before(${path} "${next}" "${cell}")

# and those of a prompt's queries by tiles.
set(loop "        for (int64_t ic = 0; ic < nek1; ic += KV_TILE_SZ) {\n")
set(skip "            if (!lmstudio_cells.any(tile_rows, ic / KV_TILE_SZ)) { continue; }\n")
lmstudio_replace(${path} "${skip}" "${loop}" "${row}${loop}${skip}")

# What is added for each cell is not converted one by one: that was a fifth of attention's time.
set(cells "                    for (int tk = 0; tk < kv_tile; tk++) {
                        mask32[tq * KV_TILE_SZ + tk] = slope * GGML_CPU_FP16_TO_FP32(mp_row[ic + tk]);
                        if (mask32[tq * KV_TILE_SZ + tk] != -INFINITY) {
                            can_skip = false;
                        }
                    }
")
set(at_once "                    ggml_cpu_fp16_to_fp32(mp_row + ic, mask32 + tq * KV_TILE_SZ, kv_tile);
                    ggml_vec_scale_f32(kv_tile, mask32 + tq * KV_TILE_SZ, slope);
                    can_skip = false;
")
lmstudio_replace(${path} "${at_once}" "${cells}" "${at_once}")

# The threads share the looking. The path that splits a query's cells gets a barrier after it, the other has
# one. (Only ggml's own planning makes room for the bits; that of its RISC-V SpacemiT part does not.)
set(split "    if (use_split_kv_path) {\n")
set(look "    lmstudio::VisibleCells(params, dst->src[3]).look(ith, nth);\n")
lmstudio_replace(${path} "${look}" "${split}" "${look}${split}        ggml_barrier(params->threadpool);\n")
set(size "                        cur += MAX(prefill, decode);\n")
set(bits "                        if (node->src[3] != NULL) { // The bits of VisibleCells; their room may begin within a word.
                            cur += (ggml_nrows(node->src[3]) * ((node->src[3]->ne[0] + 63) / 64) + 1) * sizeof(uint64_t);
                        }
")
lmstudio_before(ggml/src/ggml-cpu/ggml-cpu.c "${bits}" "${size}")

# What the threads work in begins with a cache line. By `new` it begins 16 bytes behind one when it is large, and
# every other load of a tile crosses two: prompts of 2,000 tokens took a tenth longer in some processes than in others.
set(path ggml/src/ggml-cpu/ggml-cpu.cpp)
lmstudio_replace(${path} "ggml_aligned_malloc"
    "new uint8_t[cplan.work_size]" "(uint8_t *) ggml_aligned_malloc(cplan.work_size)")
lmstudio_replace(${path} "ggml_aligned_free"
    "delete[] cpu_ctx->work_data" "ggml_aligned_free(cpu_ctx->work_data, cpu_ctx->work_size)")

# ggml has products of several rows and columns at once of Q4_0, Q5_0 and Q8_0, none of Q4_1. With these a
# prompt, several streams and guesses take half the time there. Those of F16 take an eighth to a fifth less than
# ggml's own, and one column is computed as several are: ggml would round its activations to F16.
set(path ggml/src/ggml-cpu/llamafile)
foreach(type Q4_1 F16)
    file(COPY_FILE "${CMAKE_CURRENT_LIST_DIR}/${type}.hpp" "${PROJECT_SOURCE_DIR}/${path}/${type}.hpp")
endforeach()
set(next "//PPC Implementation\n")
set(include "#include \"Q4_1.hpp\"\n#include \"F16.hpp\"\n\n")
lmstudio_before(${path}/sgemm.cpp "${include}" "${next}")
set(next "    case GGML_TYPE_Q5_0: {\n")
set(case "    case GGML_TYPE_Q4_1:
#if defined(LMSTUDIO_Q4_1)
        return Btype == GGML_TYPE_Q8_1 &&
            lmstudio::q4_1::multiply(params, m, n, {k, (const block_q4_1 *) A, lda, (const block_q8_1 *) B, ldb, (float *) C, ldc});
#else
        return false;
#endif

")
lmstudio_before(${path}/sgemm.cpp "${case}" "${next}")
set(next "    // only enable sgemm for prompt processing\n")
set(product "#if defined(LMSTUDIO_F16)
    if (Atype == GGML_TYPE_F16 && Btype == GGML_TYPE_F32 &&
        lmstudio::f16::multiply(params, m, n, {k, (const ggml_fp16_t *) A, lda, (const float *) B, ldb, (float *) C, ldc})) {
        return true;
    }
#endif

")
lmstudio_before(${path}/sgemm.cpp "${product}" "${next}")

# GELU by its formula, not by ggml's table.
set(path ggml/src/ggml-cpu/vec.h)
file(COPY_FILE "${CMAKE_CURRENT_LIST_DIR}/Gelu.h" "${PROJECT_SOURCE_DIR}/ggml/src/ggml-cpu/Gelu.h")
set(next "inline static void ggml_vec_gelu_f16(")
lmstudio_before(${path} "#include \"Gelu.h\"\n\n" "${next}")
set(table "#define GGML_GELU_FP16\n")
lmstudio_replace(${path} "// ${table}" "${table}" "// ${table}")
foreach(factor "" " * g[i]")
    set(loop "    for (int i = 0; i < n; ++i) {\n        y[i] = ggml_gelu_f32(x[i])${factor};\n    }\n")
    string(REPLACE " * g[i]" "g" g "${factor}")
    if(NOT g)
        set(g NULL)
    endif()
    set(call "    lmstudio_gelu(n, y, x, ${g});\n")
    lmstudio_replace(${path} "${call}" "${loop}" "${call}")
endforeach()

# The server is built without its web pages, which is nothing to warn of.
set(file "${PROJECT_SOURCE_DIR}/scripts/ui-assets.cmake")
file(READ "${file}" text)
string(REGEX REPLACE "message\\((WARNING|STATUS) \"UI: " "message(DEBUG \"UI: " text "${text}")
file(WRITE "${file}" "${text}")

# Only what is used is linked.
add_compile_options(-ffunction-sections -fdata-sections)

# Most of these libraries is code that runs once a model or once a request: small is better there.
# What runs for every token is -O2; only ggml's kernels gain by -O3.
function(lmstudio_optimize level target)
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS ${level})
endfunction()
function(lmstudio_small_code)
    foreach(target llama llama-common mtmd)
        target_compile_options(${target} PRIVATE -Os)
    endforeach()
    lmstudio_optimize(-O2 llama
        src/llama-batch.cpp src/llama-context.cpp src/llama-graph.cpp src/llama-kv-cache.cpp
        src/llama-sampler.cpp src/llama-vocab.cpp)
    # The plain forms of what the processor's own part of ggml does faster.
    lmstudio_optimize(-O2 ggml-base ggml/src/ggml-quants.c)
    lmstudio_optimize(-Os ggml-base
        ggml/src/ggml-backend-meta.cpp ggml/src/ggml-opt.cpp ggml/src/gguf.cpp)
endfunction()
if(NOT LMSTUDIO_UNCHANGED)
    cmake_language(DEFER CALL lmstudio_small_code)
endif()

# The part of libwebp that reads. Each of its files for another processor is empty without that one's
# flags; those for MIPS are left out with the encoder.
file(GLOB webp "${PROJECT_SOURCE_DIR}/vendor/libwebp/src/dec/*.c"
    "${PROJECT_SOURCE_DIR}/vendor/libwebp/src/dsp/*.c"
    "${PROJECT_SOURCE_DIR}/vendor/libwebp/src/utils/*.c")
list(FILTER webp EXCLUDE REGEX
    "/(enc|cost|ssim|lossless_enc|bit_writer|huffman_encode|quant_levels_utils)[^/]*$|_(mips[^/]*|msa)\\.c$")
add_library(webpdecoder STATIC ${webp})
target_include_directories(webpdecoder PRIVATE "${PROJECT_SOURCE_DIR}/vendor/libwebp")
target_compile_options(webpdecoder PRIVATE -Os)
