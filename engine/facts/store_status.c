/* SPDX-License-Identifier: EUPL-1.2 */
/* What LMDB's codes mean. */
#include "engine/facts/store_parts.h"

#include <errno.h>

enum rko_status store_failure(int code)
{
	switch (code) {
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
	case MDB_BAD_TXN:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return RKO_FACTS_DAMAGED;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
		return RKO_FACTS_FULL;
	case MDB_READERS_FULL:
		return RKO_FACTS_BUSY;
	case ENOMEM:
		return RKO_NO_MEMORY;
	case ENOENT:
		return RKO_FACTS_MISSING;
	}
	if (code > 0)
		errno = code;
	return RKO_FACTS_UNREADABLE;
}

enum rko_status store_write_status(int code)
{
	if (code == EFBIG)	/* a bound on the size of files */
		return RKO_FACTS_FULL;
	if (code > 0 && store_status(code) == RKO_FACTS_UNREADABLE)
		return RKO_IO;
	return store_status(code);
}
