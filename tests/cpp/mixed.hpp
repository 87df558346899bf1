#include <aicredits.hpp>

#include <vector>

struct Sizes {
    std::vector<std::size_t> sizes;

    static Sizes here() {
        using namespace aicredits;
        return {{sizeof(Balance), sizeof(Call), sizeof(Client), sizeof(Config), sizeof(Failure),
                 sizeof(result<Balance>), sizeof(result<Client>), sizeof(Timestamp), sizeof(UsageRule),
                 sizeof(Affordability), sizeof(Denial), sizeof(Gate), sizeof(GateConfig), sizeof(GateRequest),
                 sizeof(GateState), sizeof(Reservation), sizeof(result<Affordability>), sizeof(result<Reservation>),
                 sizeof(result<void>)}};
    }
};

Sizes old_sizes();
aicredits::result<aicredits::Balance> old_read(std::string_view json);
void old_set(aicredits::Config &config);
