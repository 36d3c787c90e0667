// Every sentence that the verifier says: Chinese, English, French. `{name}` stands for a computed value.

const LANGUAGES = ["zh", "en", "fr"];

const WORDS = {
  // Verdicts
  unchecked: ["未核验", "not checked", "non vérifié"],
  holds: ["成立", "holds", "exact"],
  outdated: ["成立，但已不是现值", "holds, no longer current", "exact, mais plus actuel"],
  fails: ["不成立", "fails", "faux"],
  none: ["无需核验", "nothing to check", "rien à vérifier"],

  // What a step waits for
  notRun: ["尚未运行。", "It did not run yet.", "Pas encore exécuté."],
  restsOnGenesis: ["它以创世文件为依据，而那一步不成立。", "It rests on the genesis, and that step does not hold.",
    "Elle repose sur la genèse, et cette étape est fausse."],
  restsOnSeal: ["它以区块的签封为依据，而那一步不成立。", "It rests on the block's seal, and that step does not hold.",
    "Elle repose sur le sceau du bloc, et cette étape est fausse."],
  noStatement: ["该文件不证明任何交易。", "The file proves no transaction.", "Le fichier ne prouve aucune transaction."],
  malformed: ["无法读取：{why}", "It can't be read: {why}", "Lecture impossible : {why}"],

  // 1: the document
  noDocument: ["请选择要比对的文件；文件不会离开您的浏览器。", "Pick the document to compare; it does not leave your browser.",
    "Choisissez le document à comparer ; il ne quitte pas votre navigateur."],
  namesNoDocument: ["该交易没有列出任何文件。", "The transaction names no document.", "La transaction ne cite aucun document."],
  document: ["这正是交易所列的文件：{name}，{bytes} 字节，SHA-256 {digest}",
    "It is the document that the transaction names: {name}, {bytes} bytes, SHA-256 {digest}",
    "C’est le document que cite la transaction : {name}, {bytes} octets, SHA-256 {digest}"],
  otherDocument: ["交易所列的 {count} 个文件中没有 SHA-256 为 {digest} 的：文件被改动过，或是另一个文件。",
    "None of the {count} documents that the transaction names has the SHA-256 {digest}: it was changed, or is another one.",
    "Aucun des {count} documents que cite la transaction n’a le SHA-256 {digest} : il a été modifié, ou c’en est un autre."],

  // 2: the signature
  signedByGenesisKey: ["{issuer} 用创世文件中的密钥签署了交易 {id}", "{issuer} signed transaction {id} with a key of the genesis",
    "{issuer} a signé la transaction {id} avec une clé de la genèse"],
  signedByStateKey: ["{issuer} 用在区块 {height} 登记的 {kind} 密钥签署了交易 {id}",
    "{issuer} signed transaction {id} with its {kind} key, registered in block {height}",
    "{issuer} a signé la transaction {id} avec sa clé {kind}, inscrite au bloc {height}"],
  signedByFormerKey: ["{issuer} 用在区块 {height} 登记、现已停用的 {kind} 密钥签署了交易 {id}",
    "{issuer} signed transaction {id} with its {kind} key, registered in block {height} and not in use any more",
    "{issuer} a signé la transaction {id} avec sa clé {kind}, inscrite au bloc {height} et plus en usage"],
  otherTransaction: ["所问的是交易 {asked}，节点给出的是 {found} 的证明。",
    "Asked was transaction {asked}; the node gave a proof of {found}.",
    "Demandée : la transaction {asked} ; le nœud a donné la preuve de {found}."],
  unknownKey: ["创世文件和证明文件都没有说明密钥 {key} 属于 {issuer}。",
    "Neither the genesis nor the file says that the key {key} is one of {issuer}.",
    "Ni la genèse ni le fichier ne disent que la clé {key} est à {issuer}."],
  otherMember: ["密钥 {key} 属于 {found}，不属于 {issuer}。", "The key {key} belongs to {found}, not to {issuer}.",
    "La clé {key} appartient à {found}, non à {issuer}."],
  badSignature: ["这个签名不是 {issuer} 的密钥 {key} 作出的。", "The signature is not that of the key {key} of {issuer}.",
    "La signature n’est pas celle de la clé {key} de {issuer}."],
  badInnerSignature: ["{issuer} 的交易内含的一个签名无效。", "A signature inside the transaction of {issuer} is not valid.",
    "Une signature contenue dans la transaction de {issuer} n’est pas valable."],

  // 3: the log
  inclusion: ["经 {hashes} 次散列到达区块 {height} 的日志根：它是 {size} 笔交易中的第 {index} 笔（从 0 数起）",
    "{hashes} hashes lead to the log root of block {height}: it is number {index} of {size} transactions, counted from 0",
    "{hashes} hachages mènent à la racine du journal au bloc {height} : c’est le numéro {index} sur {size}, à partir de 0"],
  wrongLogSize: ["路径针对含 {found} 笔交易的日志，区块头写的是 {expected}。",
    "The path is for a log of {found} transactions, the header says {expected}.",
    "Le chemin vaut pour un journal de {found} transactions, l’en-tête dit {expected}."],
  notInLog: ["路径没有从这笔交易通到区块 {height} 的日志根。",
    "The path does not lead from this transaction to the log root of block {height}.",
    "Le chemin ne mène pas de cette transaction à la racine du journal du bloc {height}."],

  // 4: the seal
  seal: ["{total} 个验证节点中有 {count} 个签封了区块 {height}，需要 {needed} 个：{members}",
    "{count} of {total} validators sealed block {height}, {needed} are needed: {members}",
    "{count} des {total} validateurs ont scellé le bloc {height}, il en faut {needed} : {members}"],
  badCertificate: ["区块 {height} 的签封形式不对（{total} 个验证节点，需要 {needed} 个签名）。",
    "The seal of block {height} has not the right form ({total} validators, {needed} signatures needed).",
    "Le sceau du bloc {height} n’a pas la bonne forme ({total} validateurs, {needed} signatures requises)."],
  noQuorum: ["区块 {height} 只有 {found} 个签名，需要 {needed} 个。", "Block {height} has {found} signatures; {needed} are needed.",
    "Le bloc {height} a {found} signatures ; il en faut {needed}."],
  badVotes: ["区块 {height}：以下节点的签名无效：{members}。", "Block {height}: not the signature of {members}.",
    "Bloc {height} : ce n’est pas la signature de {members}."],
  otherBlock: ["签名针对另一个区块：签封的是 {found}，这个区块头（高度 {height}）的散列是 {expected}。",
    "The votes are for another block: {found} was sealed, this header (height {height}) hashes to {expected}.",
    "Les votes portent sur un autre bloc : {found} a été scellé, cet en-tête (hauteur {height}) donne {expected}."],
  brokenLink: ["区块 {height} 的区块头不接在前一个之后。", "The header of block {height} does not follow the one before it.",
    "L’en-tête du bloc {height} ne suit pas le précédent."],
  unknownEpoch: ["区块属于第 {epoch} 期，验证节点只证明到第 {last} 期。",
    "The block is of epoch {epoch}, the validators are proven up to epoch {last}.",
    "Le bloc est de l’époque {epoch}, les validateurs sont prouvés jusqu’à l’époque {last}."],

  // 5: the genesis
  genesis: ["从您认可的创世文件（{network}，链 {chain}）起未曾中断，验证节点更换 {changes} 次",
    "unbroken from the genesis that you know ({network}, chain {chain}), {changes} changes of the validators",
    "ininterrompu depuis la genèse que vous connaissez ({network}, chaîne {chain}), {changes} changements de validateurs"],
  ownGenesis: ["从链 {chain}（{network}）起未曾中断；但这个创世文件也是节点给的。请与您从别处得知的编号比对，然后固定它。",
    "unbroken from the chain {chain} ({network}); but that genesis is the node's own word. Compare the id with one that you"
      + " know from elsewhere, then pin it.",
    "ininterrompu depuis la chaîne {chain} ({network}) ; mais cette genèse vient du nœud lui-même. Comparez l’identifiant avec"
      + " celui que vous tenez d’ailleurs, puis épinglez-le."],
  otherGenesis: ["这个创世文件的链是 {found}，您认可的是 {expected}：这是另一个网络，或者节点在说谎。",
    "This genesis is of the chain {found}, yours is {expected}: another network, or a node that lies.",
    "Cette genèse est de la chaîne {found}, la vôtre est {expected} : un autre réseau, ou un nœud qui ment."],
  otherChain: ["它属于链 {found}，创世文件的链是 {expected}。", "It is of the chain {found}, the genesis is that of {expected}.",
    "Elle est de la chaîne {found}, la genèse est celle de {expected}."],
  wrongEpochCount: ["文件交接了 {found} 次验证节点，而区块属于第 {epoch} 期。",
    "The file hands over {found} times between validators, the block is of epoch {epoch}.",
    "Le fichier passe {found} fois la main entre validateurs, le bloc est de l’époque {epoch}."],
  notClosing: ["区块 {height} 没有结束第 {epoch} 期。", "Block {height} does not close epoch {epoch}.",
    "Le bloc {height} ne clôt pas l’époque {epoch}."],
  otherValidators: ["第 {epoch} 期的验证节点不是被移交的那些。", "The validators of epoch {epoch} are not those that were handed over to.",
    "Les validateurs de l’époque {epoch} ne sont pas ceux à qui la main a été passée."],

  // 6: the state
  current: ["在区块 {height}（{time}）仍是现值：{path}", "still current at block {height} ({time}): {path}",
    "toujours actuel au bloc {height} ({time}) : {path}"],
  stale: ["在区块 {height} 是现值，但那是 {time}；账本每天至少有一个区块，所以节点可能隐瞒了更新的内容：{path}",
    "current at block {height}, but that was {time}; the ledger has a block every day, so the node may hide what is newer: {path}",
    "actuel au bloc {height}, mais c’était le {time} ; le registre a un bloc par jour, le nœud cache peut-être du plus récent :"
      + " {path}"],
  replaced: ["在区块 {height}，{path} 已被交易 {by} 更正", "at block {height} {path} is corrected by transaction {by}",
    "au bloc {height}, {path} est corrigé par la transaction {by}"],
  retracted: ["在区块 {height}，{path} 已被交易 {by} 撤回", "at block {height} {path} is retracted by transaction {by}",
    "au bloc {height}, {path} est retiré par la transaction {by}"],
  excluded: ["在区块 {height}，{path} 因交易 {by} 被排除", "at block {height} {path} is excluded by transaction {by}",
    "au bloc {height}, {path} est exclu par la transaction {by}"],
  revoked: ["在区块 {height}，{path} 已被交易 {by} 撤销", "at block {height} {path} is revoked by transaction {by}",
    "au bloc {height}, {path} est révoqué par la transaction {by}"],
  laterVersion: ["在区块 {height}，{path} 的现行版本是第 {version} 版，不再是第 {made} 版",
    "at block {height} version {version} of {path} is in force, no longer version {made}",
    "au bloc {height}, la version {version} de {path} est en vigueur, et non plus la version {made}"],
  life: ["在区块 {height}，{path} 的状态是“{life}”（交易 {by}）", "at block {height} {path} is “{life}” (transaction {by})",
    "au bloc {height}, {path} est « {life} » (transaction {by})"],
  inState: ["在区块 {height} 状态中有：{path}", "at block {height} the state holds: {path}", "au bloc {height} l’état contient : {path}"],
  absent: ["在区块 {height} 状态中没有：{path}", "at block {height} the state holds nothing at: {path}",
    "au bloc {height} l’état ne contient rien à : {path}"],
  noRecord: ["这类交易在状态中没有自己的记录。", "The state keeps no record of its own for such a transaction.",
    "L’état ne garde pas d’entrée propre pour une telle transaction."],
  noClaim: ["文件没有说明此处的现值。", "The file does not say what stands there now.", "Le fichier ne dit pas ce qui s’y trouve à présent."],
  recordMissing: ["在区块 {height} 状态中没有 {path}。", "At block {height} the state holds nothing at {path}.",
    "Au bloc {height} l’état ne contient rien à {path}."],
  notInState: ["区块 {height} 的状态根不含 {path} 的这个值。", "The state root of block {height} does not hold this value at {path}.",
    "La racine d’état du bloc {height} ne contient pas cette valeur à {path}."],
  notAbsent: ["没有证明区块 {height} 的状态在 {path} 处为空。", "It is not proven that the state of block {height} holds nothing at {path}.",
    "Il n’est pas prouvé que l’état du bloc {height} ne contient rien à {path}."],

  // 7: only in files that compare two blocks
  consistency: ["区块 {height} 的日志（{size} 笔交易）以区块 {earlier} 的日志（{earlierSize} 笔）开头：没有改动，没有删除",
    "the log of block {height} ({size} transactions) begins with that of block {earlier} ({earlierSize}): nothing was changed or"
      + " taken out",
    "le journal du bloc {height} ({size} transactions) commence par celui du bloc {earlier} ({earlierSize}) : rien n’a été"
      + " changé ni retiré"],
  notConsistent: ["区块 {height} 的日志不以区块 {earlier} 的日志开头：有内容被改写。",
    "The log of block {height} does not begin with that of block {earlier}: something was rewritten.",
    "Le journal du bloc {height} ne commence pas par celui du bloc {earlier} : quelque chose a été réécrit."],

  // The whole
  running: ["正在核验…", "Checking…", "Vérification…"],
  allHold: ["全部核验，全部成立（{milliseconds} 毫秒）。", "Everything was checked and holds ({milliseconds} ms).",
    "Tout a été vérifié et tout est exact ({milliseconds} ms)."],
  notCurrent: ["全部核验并成立，但它已不是（或未必是）现值（{milliseconds} 毫秒）。",
    "Everything was checked and holds, but it is not, or may not be, the current value ({milliseconds} ms).",
    "Tout a été vérifié et tout est exact, mais ce n’est pas, ou peut-être pas, la valeur actuelle ({milliseconds} ms)."],
  someUnchecked: ["已核验的部分成立；还有 {count} 步未核验（{milliseconds} 毫秒）。",
    "What was checked holds; steps not checked: {count} ({milliseconds} ms).",
    "Ce qui a été vérifié est exact ; étapes non vérifiées : {count} ({milliseconds} ms)."],
  someFail: ["不成立：{steps}。请不要相信这个节点显示的内容，换另一个节点的页面核对。",
    "Does not hold: {steps}. Don't rely on what this node shows; ask another one.",
    "Faux : {steps}. Ne vous fiez pas à ce que montre ce nœud ; interrogez-en un autre."],
  noSecureContext: ["浏览器在这个地址（没有 HTTPS）不提供密码学功能，所以什么都没有核验。请下载离线核验文件，或用 jalon proof check。",
    "At this address (no HTTPS) browsers offer no cryptography, so nothing was checked. Take the offline verifier, or run jalon"
      + " proof check.",
    "À cette adresse (sans HTTPS) le navigateur n’offre pas de cryptographie : rien n’a été vérifié. Prenez le vérificateur hors"
      + " ligne, ou lancez jalon proof check."],
  noEd25519: ["这个浏览器不能核验 Ed25519 签名，所以什么都没有核验。请用更新的浏览器，或 jalon proof check。",
    "This browser can't verify Ed25519 signatures, so nothing was checked. Take a newer one, or run jalon proof check.",
    "Ce navigateur ne sait pas vérifier les signatures Ed25519 : rien n’a été vérifié. Prenez-en un plus récent, ou lancez jalon"
      + " proof check."],
  noProof: ["请选择证明文件。", "Pick a proof file.", "Choisissez un fichier de preuve."],
  noGenesis: ["请选择创世文件（任一节点的 /v1/genesis）。", "Pick the genesis file (/v1/genesis of any node).",
    "Choisissez le fichier de genèse (/v1/genesis d’un nœud quelconque)."],
  unreachable: ["节点没有给出所需文件（{why}），所以什么都没有核验。", "The node did not give what is needed ({why}), so nothing was checked.",
    "Le nœud n’a pas donné le nécessaire ({why}) : rien n’a été vérifié."],
  badProof: ["节点给出的不是证明文件：{why}。什么都没有成立。", "This is no proof file: {why}. Nothing of it holds.",
    "Ce n’est pas un fichier de preuve : {why}. Rien n’y est exact."],
  badGenesis: ["这不是创世文件：{why}。什么都没有成立。", "This is no genesis: {why}. Nothing rests on it.",
    "Ce n’est pas une genèse : {why}. Rien ne repose dessus."],
  badChain: ["网络编号应为 64 个十六进制数字。", "A network's id has 64 hexadecimal digits.",
    "L’identifiant d’un réseau a 64 chiffres hexadécimaux."],
  internal: ["核验程序出错，什么都没有核验：{why}", "The verifier itself failed, nothing was checked: {why}",
    "Le vérificateur lui-même a échoué, rien n’a été vérifié : {why}"],
  pinned: ["在此浏览器中为这个地址固定：{chain}", "Pinned in this browser for this address: {chain}",
    "Épinglé dans ce navigateur pour cette adresse : {chain}"],
  notPinned: ["尚未固定任何网络。", "No network is pinned.", "Aucun réseau n’est épinglé."],
};

const LIVES = {
  returned: ["已退回", "returned", "renvoyé"], withdrawn: ["已撤回", "withdrawn", "retiré"],
  suspended: ["已中止", "suspended", "suspendu"], cancelled: ["已取消", "cancelled", "annulé"],
  superseded: ["已被取代", "superseded", "remplacé"], closed: ["已结束", "closed", "clos"],
};

const speaker = (tag) => {
  const language = Math.max(0, LANGUAGES.indexOf(tag.slice(0, 2)));
  return (code, values = {}) => WORDS[code][language].replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? "";
    return name === "life" ? LIVES[value]?.[language] ?? String(value) : String(value);
  });
};
