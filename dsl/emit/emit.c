/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables of an image in their order, its costs; and the image verified and proved before it is given away. */
#include "dsl/emit/emit.h"

#include <rko/status.h>

#include "dsl/diagram/passes.h"
#include "dsl/emit/writer.h"
#include "engine/base/arena.h"
#include "engine/base/limits.h"
#include "engine/image/cost.h"
#include "engine/image/image.h"

static void write_tables(struct writer *writer, struct decision **decisions)
{
	const struct model *model = writer->model;

	map_init(&writer->strings_map, model->arena);
	WRITE(writer, strings, '\0');
	write_codesets(writer);
	write_records(writer);
	write_layers(writer);
	write_sources(writer);
	write_readings(writer);
	for (uint32_t i = 0; i < model->nquestions; i++)
		write_question(writer, decisions[i]);
	for (uint32_t i = 0; i < model->nrecords; i++)
		write_checks(writer, i);
}

/* The bounds of each question's decisions, computed by the code that the verifier uses. */
static bool write_costs(struct writer *writer, struct decision **decisions)
{
	static const uint64_t nothing;	/* what an empty table points at */
	struct image image = { 0 };

#define SECTION(member, type) \
	image.member = writer->n_##member ? writer->member : (const void *)&nothing; \
	image.n_##member = writer->n_##member;
#include "engine/image/sections.def"
#undef SECTION
	for (uint32_t i = 0; i < writer->n_questions; i++) {
		struct image_question *question = &writer->questions[i];

		if (!image_cost(&image, question, &question->max_steps, &question->max_fetches))
			return false;
		decisions[i]->max_steps = question->max_steps;
		decisions[i]->max_fetches = question->max_fetches;
	}
	return true;
}

void emit_image(struct buf *out, struct model *model, struct decision **decisions, struct diags *diags)
{
	struct writer writer = { .arena = model->arena, .model = model };
	enum rko_status status;
	struct image_fault fault;
	struct image image;

	write_tables(&writer, decisions);
	if (write_costs(&writer, decisions))
		write_file(out, &writer);
	if (!out->len || buf_failed(out))
		arena_give_up(model->arena);
	if (out->len > LIMIT_IMAGE_BYTES) {
		diag_add(diags, DIAG_LIMIT_MEMORY, SPAN_NONE, "the image has %zu bytes; at most %u are allowed",
			 out->len, LIMIT_IMAGE_BYTES);
		buf_reset(out);
		return;
	}
	/* What the door would refuse is not written. */
	status = image_open(out->at, out->len, &image, &fault);
	if (status == RKO_NO_MEMORY)
		arena_give_up(model->arena);
	if (status != RKO_OK) {
		diag_add(diags, DIAG_PROOF_FAILS, SPAN_NONE, "the image does not verify: check %u, %s (%s %u)",
			 fault.check, fault.what, fault.section, fault.index);
		buf_reset(out);
		return;
	}
	for (uint32_t i = 0; i < model->nquestions && !diags->errors; i++)
		decision_prove_image(decisions[i], &image);
}

void emit_dump(struct buf *out, const struct buf *bytes)
{
	struct image_fault fault;
	struct image image;

	if (image_open(bytes->at, bytes->len, &image, &fault) == RKO_OK)
		image_dump(out, &image);
}
