import { afterAll, beforeAll, describe } from "vitest";
import { createSaver } from "../../src/graph/saver.ts";
import { createStepStore } from "../../src/graph/step-store.ts";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { storeIn } from "./checkpoint-database.ts";
import { validateSaver } from "./validate-saver.ts";

validateSaver({
  checkpointerName: "the saver over a step's store",
  createCheckpointer: () => createSaver(createStepStore(null)),
});

for (const kind of databaseKinds) {
  describe.skipIf(kind.isMissing)(kind.title, () => {
    let opened: TestDatabase | undefined;
    beforeAll(async () => {
      opened = await kind.open();
    });
    afterAll(() => opened?.stop());
    validateSaver({
      checkpointerName: "the saver over Neon's HTTP",
      createCheckpointer() {
        if (opened === undefined) throw new Error("the database is not open");
        return createSaver(storeIn(opened));
      },
    });
  });
}
