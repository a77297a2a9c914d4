/* SPDX-License-Identifier: EUPL-1.2 */
/* Whether what a plan asks leads back to itself. */
#ifndef RKO_IMAGE_DEPENDS_H
#define RKO_IMAGE_DEPENDS_H

#include "engine/image/image.h"

/*
 * True when no feature and no list of rows is needed to find itself. The plan's slots, values, scans, features and
 * nodes have been looked at one by one. *ret_memory is set when memory ran out.
 */
bool image_no_circle(const struct image *image, const struct image_plan *plan, bool *ret_memory);

#endif
