# What bounds llama.cpp's Jinja; included by build-llama.cmake.
#
# Templates come with model files and with requests. The interpreter makes whatever text they ask for, and
# follows values as deep as they lie within each other, without end where one lies within itself. So what is
# made is told to whoever watches (Template.cpp), before it is made where one operation can make much of little.

set(jinja common/jinja)
set(value "using value = std::shared_ptr<value_t>;\n")
set(watch "
struct lmstudio_watcher {
    virtual ~lmstudio_watcher() = default;
    // So many bytes are made.
    virtual void made(size_t bytes) = 0;
    // A value got another one within it, by which it may lie within itself.
    virtual void changed(const value & outer) = 0;
};
inline thread_local lmstudio_watcher * lmstudio_watching = nullptr;

inline void lmstudio_make(size_t count, size_t bytes = 1) {
    if (lmstudio_watching) {
        lmstudio_watching->made(bytes != 0 && count > SIZE_MAX / bytes ? SIZE_MAX : count * bytes);
    }
}

// One more step into a value.
struct lmstudio_level {
    static inline thread_local int count = 0;
    lmstudio_level() {
        if (count >= 200) { throw std::runtime_error(\"values lie more than 200 deep within each other\"); }
        ++count;
    }
    ~lmstudio_level() { --count; }
};
")
lmstudio_behind(${jinja}/value.h "${value}" "${watch}")

# Values that lie deep within each other are let go of one by one, without recursion.
lmstudio_replace(${jinja}/value.h "    virtual ~value_t();\n" "    virtual ~value_t() = default;\n" "    virtual ~value_t();\n")
set(function "// TODO: avoid circular references\nstd::string value_to_string_repr(const value & val) {\n")
set(release "value_t::~value_t() {
    if (val_arr.empty() && val_obj.empty()) { return; }
    static thread_local std::vector<value> * inner = nullptr;
    std::vector<value> own;
    std::vector<value> & values = inner ? *inner : own;
    for (auto & val : val_arr) { values.push_back(std::move(val)); }
    for (auto & [key, val] : val_obj) {
        values.push_back(std::move(key));
        values.push_back(std::move(val));
    }
    if (inner) { return; }
    inner = &own;
    while (!own.empty()) {
        value last = std::move(own.back());
        own.pop_back();
    }
    inner = nullptr;
}

")
lmstudio_before(${jinja}/value.cpp "${release}" "${function}")
set(function "    virtual bool is_hashable() const override {\n")
set(level "        lmstudio_level level;\n        lmstudio_make(sizeof(value));\n")
lmstudio_behind(${jinja}/value.h "${function}" "${level}")

# Values as text, and whatever else goes through all that lies within one: of values that hold the same one
# twice, and so on, there is more than can be gone through.
set(function "std::string value_to_string_repr(const value & val) {\n")
set(level "    lmstudio_level level;\n")
lmstudio_behind(${jinja}/value.cpp "${function}" "${level}")
set(text "        const std::string val_str = val->as_string().str();\n\n        if (val_str.find('\\'')")
set(made "        lmstudio_make(val->val_str.length());\n")
lmstudio_before(${jinja}/value.cpp "${made}" "${text}")
set(text "        return val->as_repr();\n    }\n}\n\n// stats utility\n")
set(made "        std::string text = val->as_repr();
        lmstudio_make(text.size());
        return text;
    }
}

// stats utility
")
lmstudio_replace(${jinja}/value.cpp "${made}" "${text}" "${made}")
set(function "void value_t::stats_t::mark_used(value & val, bool deep) {\n")
set(visit "    lmstudio_level level;\n    lmstudio_make(4 * sizeof(value));\n")
lmstudio_behind(${jinja}/value.cpp "${function}" "${visit}")
set(function "static void gather_string_parts_recursive(const value & val, value_string & parts) {\n")
set(visit "    lmstudio_level level;\n    lmstudio_make(4 * sizeof(value) + val->val_str.length());\n")
lmstudio_behind(${jinja}/runtime.h "${function}" "${visit}")
set(text "    auto indent_str = [indent, curr_lvl]() -> std::string {\n")
set(made "    lmstudio_level level;
    lmstudio_make(size_t(curr_lvl) + 1, indent > 0 ? 2 * size_t(indent) : 1);
    lmstudio_make(item_sep.size() + key_sep.size() + (is_val<value_string>(val) ? val->val_str.length() : 0));
")
lmstudio_before(${jinja}/value.cpp "${made}" "${text}")

# Operations that make much of little,
set(text "        for (int64_t i = 0; i < repeat; ++i) {\n            res->val_str.append(str);")
set(made "        lmstudio_make(repeat, str.length() + str.parts.size() * sizeof(string_part));\n")
lmstudio_before(${jinja}/runtime.cpp "${made}" "${text}")
set(text "                    std::string new_res;\n                    new_res.reserve(")
set(made "                    lmstudio_make(str.length() + 1, new_str.length() + 1);\n")
lmstudio_before(${jinja}/value.cpp "${made}" "${text}")
set(text "            if (is_val<value_int>(val_width)) {\n                indent.assign(val_width->as_int(), ' ');")
set(made "            if (is_val<value_int>(val_width) && val_width->as_int() > 0) { lmstudio_make(val_width->as_int()); }\n")
lmstudio_before(${jinja}/value.cpp "${made}" "${text}")
set(text "            while (std::getline(iss, line)) {\n")
set(made "                lmstudio_make(indent.size() + line.size());\n")
lmstudio_behind(${jinja}/value.cpp "${text}" "${made}")
set(text "                result += val_arr->as_string().str();\n")
set(made "                lmstudio_make(delim.size() + val_arr->val_str.length());\n")
lmstudio_before(${jinja}/value.cpp "${made}" "${text}")

# two of which take their time besides, moving the rest of a text for each of its parts,
set(text "                    while ((pos = str.find(old_str, pos)) != std::string::npos) {
                        str.replace(pos, old_str.length(), new_str);
                        pos += new_str.length();
                    }
")
set(made "                    std::string new_res;
                    size_t from = 0;
                    while ((pos = str.find(old_str, from)) != std::string::npos) {
                        lmstudio_make(new_str.length());
                        new_res.append(str, from, pos - from);
                        new_res += new_str;
                        from = pos + old_str.length();
                    }
                    new_res.append(str, from, std::string::npos);
                    str = new_res;
")
lmstudio_replace(${jinja}/value.cpp "${made}" "${text}" "${made}")
set(text "            while ((pos = str.find(delim)) != std::string::npos && maxsplit != 0) {
                token = str.substr(0, pos);
                result->push_back(mk_val<value_string>(token));
                str.erase(0, pos + delim.length());
                --maxsplit;
            }
")
set(made "            size_t from = 0;
            while ((pos = str.find(delim, from)) != std::string::npos && maxsplit != 0) {
                lmstudio_make(sizeof(value_string_t));
                token = str.substr(from, pos - from);
                result->push_back(mk_val<value_string>(token));
                from = pos + delim.length();
                --maxsplit;
            }
            str.erase(0, from);
")
lmstudio_replace(${jinja}/value.cpp "${made}" "${text}" "${made}")
set(text "                token = str.substr(pos + delim.length());\n")
set(made "                lmstudio_make(sizeof(value_string_t));\n")
lmstudio_before(${jinja}/value.cpp "${made}" "${text}")

# and what any other makes: a value that nobody else has yet.
set(text "        return execute_impl(ctx);\n    } catch (const continue_statement::signal")
set(made "        value made = execute_impl(ctx);
        if (lmstudio_watching && made.use_count() == 1 && dynamic_cast<const expression *>(this)) {
            lmstudio_make(made->val_str.length() + made->val_str.parts.size() * sizeof(string_part));
            lmstudio_make(made->val_arr.size(), sizeof(value));
        }
        return made;
    } catch (const continue_statement::signal")
lmstudio_replace(${jinja}/runtime.cpp "${made}" "${text}" "${made}")

# By these a value may come to lie within itself, and would never be let go of.
set(text "            arr_editable->push_back(args.get_pos(1));\n")
set(made "            if (lmstudio_watching) { lmstudio_watching->changed(args.get_pos(0)); }\n")
lmstudio_before(${jinja}/value.cpp "${made}" "${text}")
set(text "        obj_ptr->insert(prop_name, rhs);\n")
set(made "        if (lmstudio_watching) { lmstudio_watching->changed(object); }\n")
lmstudio_before(${jinja}/runtime.cpp "${made}" "${text}")
