import { inject } from "vitest";
import { createSaver } from "../../src/graph/saver.ts";
import { createStepStore } from "../../src/graph/step-store.ts";
import { storeIn } from "../graph/checkpoint-database.ts";
import { validateSaver } from "../graph/validate-saver.ts";

validateSaver({
  checkpointerName: "in workerd, the saver over a step's store",
  createCheckpointer: () => createSaver(createStepStore(null)),
});

for (const database of inject("databases")) {
  validateSaver({
    checkpointerName: `in workerd, the saver over Neon's HTTP and ${database.title}`,
    createCheckpointer: () => createSaver(storeIn(database)),
  });
}
