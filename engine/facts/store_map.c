/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The map: how much of it is used, and a larger one in its place. It may be replaced only while nobody in the process reads
 * or writes. A reader says that it is active and then looks whether the map is being replaced; who replaces it says so and
 * then waits until no reader is active. Neither can miss the other, and reading takes no lock.
 */
#include "engine/facts/store_parts.h"

#include <sched.h>

void store_enter(struct store_reader *reader)
{
	struct store *store = reader->store;

	for (;;) {
		__atomic_store_n(&reader->active, true, __ATOMIC_SEQ_CST);
		if (!__atomic_load_n(&store->replacing, __ATOMIC_SEQ_CST))
			return;
		__atomic_store_n(&reader->active, false, __ATOMIC_SEQ_CST);
		pthread_mutex_lock(&store->readers_lock);
		pthread_mutex_unlock(&store->readers_lock);
	}
}

void store_leave(struct store_reader *reader)
{
	__atomic_store_n(&reader->active, false, __ATOMIC_RELEASE);
}

int store_replace_map(struct store *store, size_t bytes)
{
	int code;

	pthread_mutex_lock(&store->readers_lock);
	__atomic_store_n(&store->replacing, true, __ATOMIC_SEQ_CST);
	for (struct store_reader *reader = store->readers; reader; reader = reader->next)
		while (__atomic_load_n(&reader->active, __ATOMIC_SEQ_CST))
			sched_yield();
	code = mdb_env_set_mapsize(store->env, bytes);
	store->maps++;
	__atomic_store_n(&store->replacing, false, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&store->readers_lock);
	return code;
}

void store_size(const struct store *store, size_t *ret_used, size_t *ret_map)
{
	struct MDB_envinfo info;
	MDB_stat stat;

	*ret_used = *ret_map = 0;
	if (mdb_env_info(store->env, &info) || mdb_env_stat(store->env, &stat))
		return;
	*ret_used = (info.me_last_pgno + 1) * stat.ms_psize;
	*ret_map = info.me_mapsize;
}

enum rko_status store_grow(struct store *store, size_t free_bytes)
{
	struct MDB_envinfo info;
	size_t want, used, map;
	int code = mdb_env_info(store->env, &info);

	if (code)
		return store_status(code);
	store_size(store, &used, &map);
	want = info.me_mapsize;
	if (free_bytes == 0 && want >= store->map_max)
		return RKO_FACTS_FULL;
	if (free_bytes == 0)
		want = want > store->map_max / 2 ? store->map_max : want * 2;
	while (want < used + free_bytes && want < store->map_max)
		want = want > store->map_max / 2 ? store->map_max : want * 2;
	if (want == info.me_mapsize)
		return RKO_OK;
	pthread_mutex_lock(&store->writer_lock);
	code = store_replace_map(store, want);
	pthread_mutex_unlock(&store->writer_lock);
	return store_status(code);
}
