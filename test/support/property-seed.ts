import fc from "fast-check";

/** The same cases at every run, so that a red run is about the change; PROPERTY_SEED tries others. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? "20261121") });
