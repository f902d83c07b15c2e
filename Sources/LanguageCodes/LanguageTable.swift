/// Codes of ISO 639 that mean one language, and the names that models have for it.
///
/// Facts of ISO 639-1, 639-2 and 639-3, compared with Debian's iso-codes 4.15; which member speaks for a
/// macrolanguage is what Unicode's CLDR says (supplemental metadata, language aliases), and what Meta's MMS
/// took where it took another.
enum LanguageTable {
    /// ISO 639-1 to ISO 639-3, the withdrawn codes that are still about among them.
    static let twoLetters = table(
        """
        aa aar  ab abk  ae ave  af afr  ak aka  am amh  an arg  ar ara  as asm  av ava  ay aym
        az aze  ba bak  be bel  bg bul  bi bis  bm bam  bn ben  bo bod  br bre  bs bos  ca cat
        ce che  ch cha  co cos  cr cre  cs ces  cu chu  cv chv  cy cym  da dan  de deu  dv div
        dz dzo  ee ewe  el ell  en eng  eo epo  es spa  et est  eu eus  fa fas  ff ful  fi fin
        fj fij  fo fao  fr fra  fy fry  ga gle  gd gla  gl glg  gn grn  gu guj  gv glv  ha hau
        he heb  hi hin  ho hmo  hr hrv  ht hat  hu hun  hy hye  hz her  ia ina  id ind  ie ile
        ig ibo  ii iii  ik ipk  io ido  is isl  it ita  iu iku  ja jpn  jv jav  ka kat  kg kon
        ki kik  kj kua  kk kaz  kl kal  km khm  kn kan  ko kor  kr kau  ks kas  ku kur  kv kom
        kw cor  ky kir  la lat  lb ltz  lg lug  li lim  ln lin  lo lao  lt lit  lu lub  lv lav
        mg mlg  mh mah  mi mri  mk mkd  ml mal  mn mon  mr mar  ms msa  mt mlt  my mya  na nau
        nb nob  nd nde  ne nep  ng ndo  nl nld  nn nno  no nor  nr nbl  nv nav  ny nya  oc oci
        oj oji  om orm  or ori  os oss  pa pan  pi pli  pl pol  ps pus  pt por  qu que  rm roh
        rn run  ro ron  ru rus  rw kin  sa san  sc srd  sd snd  se sme  sg sag  sh hbs  si sin
        sk slk  sl slv  sm smo  sn sna  so som  sq sqi  sr srp  ss ssw  st sot  su sun  sv swe
        sw swa  ta tam  te tel  tg tgk  th tha  ti tir  tk tuk  tl tgl  tn tsn  to ton  tr tur
        ts tso  tt tat  tw twi  ty tah  ug uig  uk ukr  ur urd  uz uzb  ve ven  vi vie  vo vol
        wa wln  wo wol  xh xho  yi yid  yo yor  za zha  zh zho  zu zul
        in ind  iw heb  ji yid  mo ron
        """)

    /// The bibliographic codes of ISO 639-2 to those of ISO 639-3.
    static let bibliographic = table(
        """
        alb sqi  arm hye  baq eus  bur mya  chi zho  cze ces  dut nld  fre fra  geo kat
        ger deu  gre ell  ice isl  mac mkd  mao mri  may msa  per fas  rum ron  slo slk
        tib bod  wel cym
        """)

    /// Macrolanguages with the member that is meant where nobody says which.
    ///
    /// Models call such a language by either: MMS has Arabic as `ara` and Swahili as `swh`.
    static let members = table(
        """
        aka twi  ara arb  aym ayr  aze azj  est ekk  fas pes  fil tgl  grn gug  iku ike  kau knc
        kom kpv  kur kmr  lav lvs  mlg plt  mon khk  msa zsm  nep npi  nor nob  oji ojb  ori ory
        orm gaz  que quz  sqi als  swa swh  uzb uzn  yid ydd  zho cmn
        """)

    /// Other members that a model may have in place of the one above: MMS has Malay as `zlm`.
    static let otherMembers = table("msa zlm")

    /// What MMS calls a script, to ISO 15924.
    static let scripts = table(
        """
        arabic arab  cyrillic cyrl  devanagari deva  ethiopic ethi  khmer khmr  latin latn
        simplified hans  syllabics cans  telugu telu  tifinagh tfng  traditional hant
        """)

    private static func table(_ pairs: String) -> [String: String] {
        let words = pairs.split(whereSeparator: \.isWhitespace).map(String.init)
        return Dictionary(
            uniqueKeysWithValues: stride(from: 0, to: words.count - 1, by: 2).map {
                (words[$0], words[$0 + 1])
            })
    }
}
