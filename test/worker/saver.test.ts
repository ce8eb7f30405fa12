import { inject } from "vitest";
import { createInMemoryCheckpointStore } from "../../src/graph/checkpoint-store.ts";
import { createSaver } from "../../src/graph/saver.ts";
import { storeInStep } from "../graph/step-row.ts";
import { validateSaver } from "../graph/validate-saver.ts";

validateSaver({
  checkpointerName: "in workerd, the saver over a step's store",
  createCheckpointer: () => createSaver(createInMemoryCheckpointStore(null)),
});

for (const place of inject("stepPlaces")) {
  validateSaver({
    checkpointerName: `in workerd, the saver over a step's row, through Neon's HTTP, and ${place.title}`,
    createCheckpointer: () => createSaver(storeInStep(place)),
  });
}
