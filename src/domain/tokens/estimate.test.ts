import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateByClass, measureText, promptParts } from "./estimate.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text).length;
const million = (part: string) => part.repeat(Math.ceil(1_000_000 / part.length)).slice(0, 1_000_000);
const totalOf = (text: string) => {
  const tokens = estimateByClass([{ content: text }]);
  return promptParts.reduce((sum, part) => sum + tokens[part], 0) - tokens.framing;
};

const hostile = [
  "a",
  "j",
  "A",
  "aB",
  "a ",
  " ",
  "\n",
  "\t",
  "\u0000",
  "!",
  ".,",
  "7",
  "é",
  "漢",
  "한",
  "あ",
  "ま",
  "§",
  "α",
  "я",
  "ب",
  "😀",
  "\ud800",
  "\udc00\ud800",
  "the ",
  "a1B!é漢 \n\u0000",
];

const anyWord = fc.constantFrom(
  "alpha",
  "the",
  "is",
  "Kitchen",
  "naïve",
  "HTTP",
  "camelCase",
  "漢字",
  "한국",
  "привет",
);
const anyMark = fc.constantFrom(" ", " ", ", ", ". ", "\n", " (", ") ", "; ", " = ", " 42 ");
const anyText = fc
  .array(fc.tuple(anyWord, anyMark), { minLength: 1, maxLength: 40 })
  .map((parts) => parts.flat().join(""));

const anyHalves = fc.array(fc.constantFrom("\ud83d", "\ude00", "a", "é", "漢")).map((units) => units.join(""));

describe("a measure", () => {
  test.each([
    ["", 1, 0],
    [" ", 1, 1],
    ["Hello", 1, 5],
    ["Hello, world!", 4, 13],
    ["The cat sat on the mat.", 7, 23],
    ["const x = 1;", 6, 12],
    ["2026-11-21", 7, 10],
    ["你好", 2, 6],
    ["안녕하세요", 3, 15],
    ["Привет", 2, 12],
  ])("of %j is %d tokens and %d bytes", (text, tokens, bytes) => {
    expect(measureText(text)).toMatchObject({ tokens, bytes });
  });

  test("is at least 1 and never more than the bytes, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), anyHalves, anyText), (text) => {
        const { tokens, bytes } = measureText(text);
        expect(bytes).toBe(bytesOf(text));
        expect(tokens).toBeGreaterThanOrEqual(1);
        expect(tokens).toBeLessThanOrEqual(Math.max(1, bytes));
        expect(Number.isInteger(tokens)).toBe(true);
      }),
    );
  });

  test("of two texts that are joined is the sum of theirs, but for the seam", () => {
    fc.assert(
      fc.property(anyText, anyText, fc.constantFrom("", "\n", "\n\n"), (left, right, seam) => {
        const joined = measureText(left + seam + right).tokens;
        expect(Math.abs(joined - measureText(left).tokens - measureText(right).tokens)).toBeLessThanOrEqual(4);
      }),
    );
  });

  test("grows with the text", () => {
    fc.assert(
      fc.property(anyText, anyText, (left, right) => {
        expect(measureText(`${left}\n${right}`).tokens).toBeGreaterThanOrEqual(measureText(left).tokens - 1);
      }),
    );
  });

  test.each(hostile)("of a million units of %j reads each once, and stays within the bytes", (part) => {
    const text = million(part);
    let reads = 0;
    const counted = {
      length: text.length,
      charCodeAt: (index: number) => {
        reads += 1;
        return text.charCodeAt(index);
      },
    };
    measureText(counted);
    expect(reads).toBe(text.length);
    const { tokens, bytes } = measureText(text);
    expect(tokens).toBeGreaterThan(1000);
    expect(tokens).toBeLessThanOrEqual(bytes);
  });
});

describe("the class of a text", () => {
  test.each([
    ["english", "I do not think that we should move the launch, but I am open to reasons that I have not seen yet."],
    ["english", "Yes, please do."],
    ["english", "- Keep the current supplier, and tell them why.\n- Split the order; it costs a little more.\n"],
    ["latin", "Ich sehe das anders als meine Vorrednerin, denn die Zahlen beantworten die falsche Frage nicht."],
    ["latin", "Je ne suis pas d'accord avec cette conclusion, même si les chiffres sont exacts dans le détail."],
    ["code", "export const add = (left: number, right: number) => left + right;\nconsole.log(add(1, 2));"],
    ["code", "def total(rows):\n    return sum(row['price'] * row['count'] for row in rows if row is not None)"],
    ["code", '{"id": 7, "name": "Ada", "tags": ["a", "b"], "active": true}'],
    ["code", "SELECT o.id, sum(l.price * l.count) FROM orders o JOIN lines l ON l.order_id = o.id GROUP BY 1;"],
    ["code", "3f1c9ab82d7e4f60a1b2c3d4e5f60718 3f1c9ab82d7e4f60a1b2c3d4e5f60719"],
    ["code", million("a")],
    ["han", "我不太同意刚才的看法。价格确实很重要，但是我们的客户最在意的其实是服务。"],
    ["kana", "私はその意見に賛成できません。確かに価格は大切です。"],
    ["hangul", "저는 그 의견에 동의하지 않습니다. 물론 가격도 중요합니다."],
    ["han", "请在 Kubernetes 里重新部署这个服务，然后检查日志里有没有错误信息，谢谢大家的配合。"],
    ["other", "Я не согласен с этим выводом, хотя цифры верны."],
    ["other", "لا أتفق مع هذا الاستنتاج رغم أن الأرقام صحيحة."],
    ["other", "😀🎉🚀👩‍💻🔥"],
    ["other", million("\u0000")],
  ])("is %s", (scriptClass, text) => {
    expect(measureText(text).scriptClass).toBe(scriptClass);
  });
});

describe("a prompt", () => {
  const prose = "I do not think that we should move the launch, but I am open to reasons for it. ".repeat(20);
  const code = "  if (a !== b) { return { ...left, [key]: right[key] ?? null }; }\n".repeat(30);
  const chinese = "价格确实很重要，但是我们的客户最在意的其实是服务。".repeat(60);

  test("is estimated by class, also within one message, with what the provider puts around messages", () => {
    const mixed = estimateByClass([{ content: `${prose}\n${code}` }, { content: chinese }]);
    const apart = [prose, code, chinese].map((content) => measureText(content).tokens);
    expect(mixed.framing).toBe(13);
    expect(mixed.english / (apart[0] ?? 0)).toBeCloseTo(1, 1);
    expect(mixed.code / (apart[1] ?? 0)).toBeCloseTo(1, 1);
    expect(mixed.han / (apart[2] ?? 0)).toBeCloseTo(1, 1);
    expect(mixed.other + mixed.kana + mixed.hangul + mixed.latin).toBe(0);
  });

  test("of nothing is its framing", () => {
    expect(estimateByClass([])).toMatchObject({ english: 0, code: 0, framing: 3 });
  });

  test("never comes to more than its bytes and its framing, and loses no part of a text", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyText, fc.constantFrom(prose, code, chinese)), { maxLength: 12 }), (texts) => {
        const text = texts.join("");
        expect(totalOf(text)).toBeLessThanOrEqual(bytesOf(text) + promptParts.length);
        const seams = 2 + text.length / 500;
        expect(Math.abs(totalOf(text) - measureText(text).tokens)).toBeLessThanOrEqual(seams + promptParts.length);
      }),
      { numRuns: 50 },
    );
  });
});
