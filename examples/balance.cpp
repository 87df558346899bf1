// Prints what an account or a site has left.
//
// It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.

#include <aicredits.hpp>
#include <iostream>

int main() {
    try {
        const aicredits::Client client{aicredits::Config{}.from_env()};
        // The balance as text. Its methods return the figures one by one.
        std::cout << client.get_balance() << '\n';
        return 0;
    } catch (const aicredits::Error &error) {
        std::cerr << "balance: " << error.what() << '\n';
        return 1;
    }
}
