// Sampling with llama.cpp's samplers, on few candidates.
//
// llama_sampler_sample() lays out an array of the whole vocabulary (262,144 entries of 12 bytes
// for Gemma) for each token and runs every sampler over it. The result is the same, ties apart,
// if the penalties are applied to the tokens they concern, and the rest of the chain to the top_k
// largest logits, found in one pass over the logits.
#include "CLlama.hpp"
#include "LogitScan.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace {

// A window of the last tokens, and each different one among them once.
class RecentTokens {
  public:
    explicit RecentTokens(size_t capacity) : capacity(capacity) {}

    void accept(llama_token token) {
        if (capacity == 0) {
            return;
        }
        if (window.size() < capacity) {
            window.push_back(token);
        } else {
            window[next] = token;
        }
        next = (next + 1) % capacity;
    }

    void unique(std::vector<llama_token> &tokens) const {
        tokens.assign(window.begin(), window.end());
        std::sort(tokens.begin(), tokens.end());
        tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    }

  private:
    size_t capacity;
    size_t next = 0;
    std::vector<llama_token> window;
};

bool is_larger(const llama_token_data &a, const llama_token_data &b) { return a.logit > b.logit; }

} // namespace

struct cllama_sampler {
    int32_t vocabulary_size;
    int32_t top_k;
    bool greedy;
    bool keeps_logits;
    RecentTokens recent;
    llama_sampler *penalties;
    llama_sampler *chain;
    int32_t suppressed_count = 0;
    const llama_token *suppressed;
    std::vector<llama_logit_bias> biases;
    std::vector<int32_t> order;
    std::vector<float> model_logits; // as the model computed them, if they are kept
    std::vector<llama_token> tokens;
    std::vector<llama_token_data> candidates;

    cllama_sampler(const llama_vocab *vocabulary, const cllama_sampler_options &options)
        : vocabulary_size(llama_vocab_n_tokens(vocabulary)),
          // Mirostat chooses how many there are to choose from.
          top_k(options.mirostat > 0 ? 0 : options.top_k), greedy(options.temperature <= 0),
          keeps_logits(options.keeps_logits),
          recent(static_cast<size_t>(std::max(options.penalty_window, 0))),
          penalties(llama_sampler_init_penalties(
              vocabulary_size,
              options.penalty_window,
              options.repeat_penalty,
              options.frequency_penalty,
              options.presence_penalty)),
          chain(llama_sampler_chain_init({/* no_perf */ true})),
          suppressed(llama_vocab_get_suppress_tokens(vocabulary, &suppressed_count)) {
        for (int32_t i = 0; i < options.bias_count; i++) {
            biases.push_back({options.bias_tokens[i], options.biases[i]});
        }
        if (options.mirostat > 0) {
            add(llama_sampler_init_temp(options.temperature));
            add(options.mirostat == 1
                    ? llama_sampler_init_mirostat(
                          vocabulary_size,
                          options.seed,
                          options.mirostat_entropy,
                          options.mirostat_rate,
                          /* m, as llama.cpp's own tools have it */ 100)
                    : llama_sampler_init_mirostat_v2(
                          options.seed, options.mirostat_entropy, options.mirostat_rate));
            return;
        }
        // The order of llama.cpp's own tools: top_k comes first and is done here.
        if (options.typical_p < 1) {
            add(llama_sampler_init_typical(options.typical_p, /* min_keep */ 1));
        }
        if (options.top_p < 1) {
            add(llama_sampler_init_top_p(options.top_p, /* min_keep */ 1));
        }
        if (options.min_p > 0) {
            add(llama_sampler_init_min_p(options.min_p, /* min_keep */ 1));
        }
        if (options.xtc_probability > 0) {
            add(llama_sampler_init_xtc(
                options.xtc_probability, options.xtc_threshold, /* min_keep */ 1, options.seed));
        }
        add(llama_sampler_init_temp(options.temperature));
        add(llama_sampler_init_dist(options.seed));
    }

    void add(llama_sampler *sampler) { llama_sampler_chain_add(chain, sampler); }

    ~cllama_sampler() {
        llama_sampler_free(penalties);
        llama_sampler_free(chain);
    }

    cllama_sampler(const cllama_sampler &) = delete;
    cllama_sampler &operator=(const cllama_sampler &) = delete;

    void accept(llama_token token) {
        recent.accept(token);
        llama_sampler_accept(penalties, token);
    }

    void penalize(float *logits) {
        for (const llama_logit_bias &bias : biases) {
            logits[bias.token] += bias.bias;
        }
        for (int32_t i = 0; i < suppressed_count; i++) {
            logits[suppressed[i]] = -INFINITY;
        }
        recent.unique(tokens);
        candidates.clear();
        for (llama_token token : tokens) {
            candidates.push_back({token, logits[token], 0});
        }
        llama_token_data_array array = {candidates.data(), candidates.size(), -1, false};
        llama_sampler_apply(penalties, &array);
        for (const llama_token_data &candidate : candidates) {
            logits[candidate.id] = candidate.logit;
        }
    }

    llama_token likeliest(const float *logits) const {
        float threshold = -INFINITY;
        llama_token best = -1;
        logit_scan::scan(logits, vocabulary_size, threshold, [&](int32_t token) {
            threshold = logits[token];
            best = token;
        });
        return best;
    }

    // Fills `candidates` with the `top_k` largest, largest first, or with all in any order.
    void select(const float *logits) {
        candidates.clear();
        bool all = top_k <= 0 || top_k >= vocabulary_size;
        size_t wanted = static_cast<size_t>(all ? vocabulary_size : top_k);
        candidates.reserve(wanted);
        float threshold = -INFINITY;
        logit_scan::scan(logits, vocabulary_size, threshold, [&](int32_t token) {
            if (candidates.size() == wanted) {
                std::pop_heap(candidates.begin(), candidates.end(), is_larger);
                candidates.pop_back();
            }
            candidates.push_back({token, logits[token], 0});
            if (all) {
                return;
            }
            std::push_heap(candidates.begin(), candidates.end(), is_larger);
            if (candidates.size() == wanted) {
                threshold = candidates.front().logit;
            }
        });
        if (!all) {
            std::sort_heap(candidates.begin(), candidates.end(), is_larger);
        }
    }

    llama_token draw(float *logits) {
        if (keeps_logits) {
            model_logits.assign(logits, logits + vocabulary_size);
        }
        penalize(logits);
        return choose(logits);
    }

    llama_token redraw(float *logits, const uint64_t *mask) {
        for (int32_t token = 0; token < vocabulary_size; token++) {
            if ((mask[token / 64] >> (token % 64) & 1) == 0) {
                logits[token] = -INFINITY;
            }
        }
        return choose(logits);
    }

    llama_token choose(const float *logits) {
        if (greedy) {
            return likeliest(logits);
        }
        select(logits);
        if (candidates.empty()) {
            return -1;
        }
        bool sorted = top_k > 0 && top_k < vocabulary_size;
        llama_token_data_array array = {candidates.data(), candidates.size(), -1, sorted};
        llama_sampler_apply(chain, &array);
        return array.selected < 0 ? -1 : array.data[array.selected].id;
    }

    // Log-softmax over the whole vocabulary, as llama-server's "logprobs".
    int32_t log_probs(llama_token token, int32_t count, cllama_log_prob *result) {
        if (model_logits.empty() || token < 0 || token >= vocabulary_size) {
            return 0;
        }
        const float largest = *std::max_element(model_logits.begin(), model_logits.end());
        double sum = 0;
        for (float logit : model_logits) {
            sum += std::exp(static_cast<double>(logit) - largest);
        }
        const double normal = largest + std::log(sum);
        auto put = [&](int32_t at, llama_token of) {
            result[at] = {of, static_cast<float>(model_logits[of] - normal)};
        };
        count = std::min(count, vocabulary_size);
        order.resize(vocabulary_size);
        std::iota(order.begin(), order.end(), 0);
        // Of equals the one with the lower number, as everywhere.
        std::partial_sort(
            order.begin(), order.begin() + count, order.end(), [&](int32_t a, int32_t b) {
                return model_logits[a] > model_logits[b] ||
                       (model_logits[a] == model_logits[b] && a < b);
            });
        put(0, token);
        for (int32_t i = 0; i < count; i++) {
            put(1 + i, order[i]);
        }
        return 1 + count;
    }
};

cllama_sampler *cllama_sampler_create(
    const cllama_model *model, const cllama_sampler_options *options) {
    try {
        return std::make_unique<cllama_sampler>(vocabulary_of(model), *options).release();
    } catch (...) {
        return nullptr;
    }
}

void cllama_sampler_free(cllama_sampler *sampler) { delete sampler; }

void cllama_sampler_accept(cllama_sampler *sampler, int32_t token) { sampler->accept(token); }

int32_t cllama_sampler_draw(cllama_sampler *sampler, cllama_context *context, int32_t batch_index) {
    try {
        float *logits = llama_get_logits_ith(context->llama, batch_index);
        return logits == nullptr ? -1 : sampler->draw(logits);
    } catch (...) {
        return -1;
    }
}

int32_t cllama_sampler_redraw(
    cllama_sampler *sampler, cllama_context *context, int32_t batch_index, const uint64_t *mask) {
    try {
        float *logits = llama_get_logits_ith(context->llama, batch_index);
        return logits == nullptr ? -1 : sampler->redraw(logits, mask);
    } catch (...) {
        return -1;
    }
}

int32_t cllama_sampler_log_probs(
    cllama_sampler *sampler, int32_t token, int32_t count, cllama_log_prob *log_probs) {
    try {
        return sampler->log_probs(token, count, log_probs);
    } catch (...) {
        return 0;
    }
}
