// How many threads are worth starting here.
#include "CLlama.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace {

#if defined(__linux__)

// Processors of the affinity mask, those that share a core counted once: a second thread on a core
// only slows the first one's vector units down.
int32_t allowed_cores() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return 0;
    }
    std::set<std::string> cores;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed)) {
            continue;
        }
        std::ifstream file(
            "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
        std::string siblings;
        cores.insert(std::getline(file, siblings) ? siblings : std::to_string(cpu));
    }
    return static_cast<int32_t>(cores.size());
}

int32_t allowed_processors() {
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
}

// A container's share of the machine, rounded up (cgroup v2: "QUOTA PERIOD" in microseconds).
int32_t quota_cores() {
    std::ifstream file("/sys/fs/cgroup/cpu.max");
    double quota = 0;
    double period = 0;
    if (!(file >> quota >> period) || period <= 0) {
        return 0;
    }
    return static_cast<int32_t>((quota + period - 1) / period);
}

#elif defined(__APPLE__)

int32_t allowed_cores() {
    int32_t cores = 0;
    size_t size = sizeof cores;
    // The performance cores: work that waits for an efficiency core takes longer than without it.
    if (sysctlbyname("hw.perflevel0.physicalcpu", &cores, &size, nullptr, 0) != 0) {
        sysctlbyname("hw.physicalcpu", &cores, &size, nullptr, 0);
    }
    return cores;
}

int32_t allowed_processors() { return 0; }

int32_t quota_cores() { return 0; }

#endif

// As many as `allowed` says, or if it cannot tell, as there are; no more than the share.
int32_t bounded(int32_t (*allowed)()) {
    try {
        int32_t count = allowed();
        if (count <= 0) {
            count = static_cast<int32_t>(std::thread::hardware_concurrency());
        }
        int32_t quota = quota_cores();
        return std::max(quota > 0 ? std::min(count, quota) : count, 1);
    } catch (...) {
        return 1;
    }
}

} // namespace

int32_t cllama_core_count(void) { return bounded(allowed_cores); }

int32_t cllama_processor_count(void) { return bounded(allowed_processors); }
