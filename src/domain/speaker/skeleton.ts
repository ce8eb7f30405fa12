/** Letters of other scripts that look like Latin ones, and what they look like. */
const pairs =
  "АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX аa еe ѕs іi јj оo рp сc уy хx һh ԁd ԛq ԝw ɡg ɑa " +
  "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa ιi κk νv οo ρp υu χx ϳj ՕO օo ѵv";

const looksLike: ReadonlyMap<string, string> = new Map(
  pairs.split(" ").map((pair) => {
    const [letter = "", latin = ""] = pair;
    return [letter, latin];
  }),
);

/** What a name looks like to a reader: names that only look the same are the same. */
export function skeletonOf(name: string): string {
  const letters = Array.from(name.normalize("NFKC"), (letter) => looksLike.get(letter) ?? letter);
  return letters.join("").toLowerCase().replace(/\s+/g, " ");
}
