import { afterAll, beforeAll, describe } from "vitest";
import { createInMemoryCheckpointStore } from "../../src/graph/checkpoint-store.ts";
import { createSaver } from "../../src/graph/saver.ts";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { openStepPlace, type StepPlace, storeInStep } from "./step-row.ts";
import { validateSaver } from "./validate-saver.ts";

validateSaver({
  checkpointerName: "the saver over a step's store",
  createCheckpointer: () => createSaver(createInMemoryCheckpointStore(null)),
});

for (const kind of databaseKinds) {
  describe.skipIf(kind.isMissing)(kind.title, () => {
    let opened: TestDatabase | undefined;
    let place: StepPlace | undefined;
    beforeAll(async () => {
      opened = await kind.open();
      place = await openStepPlace(opened);
    });
    afterAll(() => opened?.stop());
    validateSaver({
      checkpointerName: "the saver over a step's row, through Neon's HTTP",
      createCheckpointer() {
        if (place === undefined) throw new Error("the database is not open");
        return createSaver(storeInStep(place));
      },
    });
  });
}
