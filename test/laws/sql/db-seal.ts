import { root } from "../tree.ts";
import { sealNewest } from "./generate.ts";

sealNewest(root);
console.log("migrations/meta/_hashes.json written");
