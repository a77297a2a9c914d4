/* SPDX-License-Identifier: EUPL-1.2 */
/* The program of an engine's lane: linked with the engine as it is, and with one that writes no trace. */
#include "tests/bench/lanes.h"

int main(int argc, char **argv)
{
	lane_serve(argv + 1, argc - 1);
}
