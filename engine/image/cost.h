/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef RKO_IMAGE_COST_H
#define RKO_IMAGE_COST_H

#include "engine/image/image.h"

/*
 * The bounds of a decision of the question. The tables must be in range and the diagrams acyclic. False when
 * memory runs out or there are more records than the limits allow.
 */
bool image_cost(const struct image *image, const struct image_question *question, uint32_t *ret_steps,
		uint32_t *ret_fetches);

#endif
