/** The characters that even a small vocabulary holds whole, of hiragana those that join others; tokenizers cut most others up. */
const oftenSeen =
  "ましすこそ" +
  "一万三上下不与专业东两个中串为主么义之也书了事二于五些交产享京人亿今介从他付代以们件价任份企优会传但" +
  "位体何余作你使例供価保信修倍值停像元先入全公共关其具内円册再写出击分列则初利别到制前力功加务动動包化" +
  "北区十午华单南即历原去县参及友反发取变口只可台右号司合同名后向否含听启告员周命和品哈商問器四回因国图" +
  "土在地场址型城基報場填增声处备复外多大天失头女好如始子字存学安宋完定实审客家容密对导将小少尔就局展山" +
  "岁州工左已市布常平年并广序库应店度建开异式引张当录形影径待後得微心必志态思性总息您情意感成我或户所手" +
  "打找技投报拉持指按换据排接控推提播支收改放政效数整文料断新方族无日时明易星是時景更最月有服期木未本机" +
  "权束条来板构析果查标样核格案检模次款止正此步歳段每比民気水求江汽没治法注活流海消清游源火点無然片版物" +
  "特率环现球理生用由电男画界番登的监目直相省看県真知码确示社票私种科秒称移程稍税稿空立站章端笑符第等签" +
  "简算管箱米类系素索絠约级线组经结给络统编网置美老考者而联能自至色节若英藏行表装西要見见规视角解言計記" +
  "話読计认议记论设证评试话询该详语误说请读调象责败账货购费资起超路身车转软载辑输达过运近还这进连述退送" +
  "选通速造連道邮部都配释里重量金钟钮链销错键长開間関门闭问间队阳陆限院除雅集雷需非面音页项预频题额首验" +
  "高黑" +
  "가간값같개거검것게결경계고공과관구그글기나내는능니다당대도동되된드든들등디때라래러력로록료류른를름리" +
  "마만메면명모목문미바반받발방배버번변보복부분비사산상색생서설성세션소수스습시식신아안않야어없에여연열" +
  "예오와요용우운원위으은을음의이인일임입있자작장재적전정제져조종주중지진째처체초최추출치크클태터턴트튼" +
  "파포프필하한할함해호화환회후";

const first = 0x3040;
const last = 0xd7af;
const isOften = oftenTable();

export function isOftenSeen(unit: number): boolean {
  return isOften[unit - first] === 1;
}

function oftenTable(): Uint8Array {
  const table = new Uint8Array(last - first + 1);
  for (let index = 0; index < oftenSeen.length; index++) table[oftenSeen.charCodeAt(index) - first] = 1;
  return table;
}
