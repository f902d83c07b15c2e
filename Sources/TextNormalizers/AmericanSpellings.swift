// Made by scripts/make_american_spellings.py; do not edit.

/// British spellings with the American ones that stand for them: data of whisper's English normaliser
/// (whisper/normalizers/english.json), which took it from tysto.com's list.
///
/// MIT License, Copyright (c) 2022 OpenAI
///
/// Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
/// associated documentation files (the "Software"), to deal in the Software without restriction,
/// including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
/// and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
/// subject to the following conditions:
///
/// The above copyright notice and this permission notice shall be included in all copies or substantial
/// portions of the Software.
///
/// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
/// LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
/// NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
/// WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
/// SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
enum AmericanSpellings {
    static let byBritish: [String: String] = {
        var spellings: [String: String] = [:]
        for entry in entries.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let parts = entry.split(separator: "|", omittingEmptySubsequences: false)
            spellings[String(parts[0] + parts[1])] = String(parts[0] + parts[2])
        }
        return spellings
    }()

    /// What both spellings begin with, the British ending and the American one.
    private static let entries = """
        accessori|se|ze accessori|sed|zed accessori|ses|zes accessori|sing|zing
        acclimati|sation|zation acclimati|se|ze acclimati|sed|zed acclimati|ses|zes
        acclimati|sing|zing accout|rements|erments |aeon|eon |aeons|eons aerogram|me|
        aerogram|mes|s a|eroplane|irplane a|eroplanes|irplanes |aesthete|esthete
        |aesthetes|esthetes |aesthetic|esthetic |aesthetically|esthetically |aesthetics|esthetics
        |aetiology|etiology ag|eing|ing aggrandi|sement|zement agoni|se|ze agoni|sed|zed
        agoni|ses|zes agoni|sing|zing agoni|singly|zingly almanac|k| almanac|ks|s alumin|ium|um
        amorti|sable|zable amorti|sation|zation amorti|sations|zations amorti|se|ze amorti|sed|zed
        amorti|ses|zes amorti|sing|zing amphitheat|re|er amphitheat|res|ers an|aemia|emia
        an|aemic|emic an|aesthesia|esthesia an|aesthetic|esthetic an|aesthetics|esthetics
        an|aesthetise|esthetize an|aesthetised|esthetized an|aesthetises|esthetizes
        an|aesthetising|esthetizing an|aesthetist|esthetist an|aesthetists|esthetists
        an|aesthetize|esthetize an|aesthetized|esthetized an|aesthetizes|esthetizes
        an|aesthetizing|esthetizing analog|ue| analog|ues|s analy|se|ze analy|sed|zed analy|ses|zes
        analy|sing|zing anglici|se|ze anglici|sed|zed anglici|ses|zes anglici|sing|zing
        annuali|sed|zed antagoni|se|ze antagoni|sed|zed antagoni|ses|zes antagoni|sing|zing
        apologi|se|ze apologi|sed|zed apologi|ses|zes apologi|sing|zing appal||l appal|s|ls
        appeti|ser|zer appeti|sers|zers appeti|sing|zing appeti|singly|zingly arbo|ur|r arbo|urs|rs
        arch|eological|aeological arch|aeologically|eologically arch|aeologist|eologist
        arch|aeologists|eologists arch|aeology|eology</span> ardo|ur|r armo|ur|r armo|ured|red
        armo|urer|rer armo|urers|rers armo|uries|ries armo|ury|ry art|efact|ifact art|efacts|ifacts
        authori|se|ze authori|sed|zed authori|ses|zes authori|sing|zing ax|e| backpedal|led|ed
        backpedal|ling|ing ban|nister|ister ban|nisters|isters bapti|se|ze bapti|sed|zed
        bapti|ses|zes bapti|sing|zing bastardi|se|ze bastardi|sed|zed bastardi|ses|zes
        bastardi|sing|zing battleax||e ba|ulk|lk ba|ulked|lked ba|ulking|lking ba|ulks|lks
        bedevil|led|ed bedevil|ling|ing behavio|ur|r behavio|ural|ral behavio|urism|rism
        behavio|urist|rist behavio|urists|rists behavio|urs|rs beho|ve|ove beho|ved|oved
        beho|ves|oves bejewel|led|ed belabo|ur|r belabo|ured|red belabo|uring|ring belabo|urs|rs
        bevel|led|ed bev|vies|ies bev|vy|y bias|sed|ed bias|sing|ing bing|eing|ing
        bougainvill|aea|ea bougainvill|aeas|eas bowdleri|se|ze bowdleri|sed|zed bowdleri|ses|zes
        bowdleri|sing|zing breathaly|se|ze breathaly|sed|zed breathaly|ser|zer breathaly|sers|zers
        breathaly|ses|zes breathaly|sing|zing brutali|se|ze brutali|sed|zed brutali|ses|zes
        brutali|sing|zing bus|ses|es bus|sing|ing c|aesarean|esarean c|aesareans|esareans
        calib|re|er calib|res|ers cal|liper|iper cal|lipers|ipers cal|listhenics|isthenics
        canali|se|ze canali|sed|zed canali|ses|zes canali|sing|zing cancel|ation|lation
        cancel|ations|lations cancel|led|ed cancel|ling|ing cando|ur|r cannibali|se|ze
        cannibali|sed|zed cannibali|ses|zes cannibali|sing|zing canoni|se|ze canoni|sed|zed
        canoni|ses|zes canoni|sing|zing capitali|se|ze capitali|sed|zed capitali|ses|zes
        capitali|sing|zing carameli|se|ze carameli|sed|zed carameli|ses|zes carameli|sing|zing
        carboni|se|ze carboni|sed|zed carboni|ses|zes carboni|sing|zing carol|led|ed carol|ling|ing
        catalog|ue| catalog|ued|ed catalog|ues|s catalog|uing|ing cataly|se|ze cataly|sed|zed
        cataly|ses|zes cataly|sing|zing categori|se|ze categori|sed|zed categori|ses|zes
        categori|sing|zing cauteri|se|ze cauteri|sed|zed cauteri|ses|zes cauteri|sing|zing
        cavil|led|ed cavil|ling|ing centigram|me| centigram|mes|s centilit|re|er centilit|res|ers
        centimet|re|er centimet|res|ers centrali|se|ze centrali|sed|zed centrali|ses|zes
        centrali|sing|zing cent|re|er cent|red|ered cent|refold|erfold cent|refolds|erfolds
        cent|repiece|erpiece cent|repieces|erpieces cent|res|ers channel|led|ed channel|ling|ing
        characteri|se|ze characteri|sed|zed characteri|ses|zes characteri|sing|zing che|que|ck
        che|quebook|ckbook che|quebooks|ckbooks che|quered|ckered che|ques|cks chil|li|i
        chim|aera|era chim|aeras|eras chisel|led|ed chisel|ling|ing circulari|se|ze
        circulari|sed|zed circulari|ses|zes circulari|sing|zing civili|se|ze civili|sed|zed
        civili|ses|zes civili|sing|zing clamo|ur|r clamo|ured|red clamo|uring|ring clamo|urs|rs
        clango|ur|r clarinet|tist|ist clarinet|tists|ists collectivi|se|ze collectivi|sed|zed
        collectivi|ses|zes collectivi|sing|zing coloni|sation|zation coloni|se|ze coloni|sed|zed
        coloni|ser|zer coloni|sers|zers coloni|ses|zes coloni|sing|zing colo|ur|r colo|urant|rant
        colo|urants|rants colo|ured|red colo|ureds|reds colo|urful|rful colo|urfully|rfully
        colo|uring|ring colo|urize|rize colo|urized|rized colo|urizes|rizes colo|urizing|rizing
        colo|urless|rless colo|urs|rs commerciali|se|ze commerciali|sed|zed commerciali|ses|zes
        commerciali|sing|zing compartmentali|se|ze compartmentali|sed|zed compartmentali|ses|zes
        compartmentali|sing|zing computeri|se|ze computeri|sed|zed computeri|ses|zes
        computeri|sing|zing conceptuali|se|ze conceptuali|sed|zed conceptuali|ses|zes
        conceptuali|sing|zing conne|xion|ction conne|xions|ctions contextuali|se|ze
        contextuali|sed|zed contextuali|ses|zes contextuali|sing|zing co|sier|zier co|sies|zies
        co|siest|ziest co|sily|zily co|siness|ziness co|sy|zy council|lor|or council|lors|ors
        counsel|led|ed counsel|ling|ing counsel|lor|or counsel|lors|ors crenel|ated|lated
        criminali|se|ze criminali|sed|zed criminali|ses|zes criminali|sing|zing critici|se|ze
        critici|sed|zed critici|ses|zes critici|sing|zing cruel|ler|er cruel|lest|est
        crystalli|sation|zation crystalli|se|ze crystalli|sed|zed crystalli|ses|zes
        crystalli|sing|zing cudgel|led|ed cudgel|ling|ing customi|se|ze customi|sed|zed
        customi|ses|zes customi|sing|zing c|ypher|ipher c|yphers|iphers decentrali|sation|zation
        decentrali|se|ze decentrali|sed|zed decentrali|ses|zes decentrali|sing|zing
        decriminali|sation|zation decriminali|se|ze decriminali|sed|zed decriminali|ses|zes
        decriminali|sing|zing defen|ce|se defen|celess|seless defen|ces|ses dehumani|sation|zation
        dehumani|se|ze dehumani|sed|zed dehumani|ses|zes dehumani|sing|zing demeano|ur|r
        demilitari|sation|zation demilitari|se|ze demilitari|sed|zed demilitari|ses|zes
        demilitari|sing|zing demobili|sation|zation demobili|se|ze demobili|sed|zed
        demobili|ses|zes demobili|sing|zing democrati|sation|zation democrati|se|ze
        democrati|sed|zed democrati|ses|zes democrati|sing|zing demoni|se|ze demoni|sed|zed
        demoni|ses|zes demoni|sing|zing demorali|sation|zation demorali|se|ze demorali|sed|zed
        demorali|ses|zes demorali|sing|zing denationali|sation|zation denationali|se|ze
        denationali|sed|zed denationali|ses|zes denationali|sing|zing deodori|se|ze deodori|sed|zed
        deodori|ses|zes deodori|sing|zing depersonali|se|ze depersonali|sed|zed depersonali|ses|zes
        depersonali|sing|zing deputi|se|ze deputi|sed|zed deputi|ses|zes deputi|sing|zing
        desensiti|sation|zation desensiti|se|ze desensiti|sed|zed desensiti|ses|zes
        desensiti|sing|zing destabili|sation|zation destabili|se|ze destabili|sed|zed
        destabili|ses|zes destabili|sing|zing dial|led|ed dial|ling|ing dialog|ue| dialog|ues|s
        diarrh|oea|ea digiti|se|ze digiti|sed|zed digiti|ses|zes digiti|sing|zing dis|c|k
        discolo|ur|r discolo|ured|red discolo|uring|ring discolo|urs|rs dis|cs|ks disembowel|led|ed
        disembowel|ling|ing disfavo|ur|r dishevel|led|ed dishono|ur|r dishono|urable|rable
        dishono|urably|rably dishono|ured|red dishono|uring|ring dishono|urs|rs
        disorgani|sation|zation disorgani|sed|zed distil||l distil|s|ls dramati|sation|zation
        dramati|sations|zations dramati|se|ze dramati|sed|zed dramati|ses|zes dramati|sing|zing
        dra|ught|ft dra|ughtboard|ftboard dra|ughtboards|ftboards dra|ughtier|ftier
        dra|ughtiest|ftiest dra|ughts|fts dra|ughtsman|ftsman dra|ughtsmanship|ftsmanship
        dra|ughtsmen|ftsmen dra|ughtswoman|ftswoman dra|ughtswomen|ftswomen dra|ughty|fty
        drivel|led|ed drivel|ling|ing duel|led|ed duel|ling|ing economi|se|ze economi|sed|zed
        economi|ses|zes economi|sing|zing ed|oema|ema editoriali|se|ze editoriali|sed|zed
        editoriali|ses|zes editoriali|sing|zing empathi|se|ze empathi|sed|zed empathi|ses|zes
        empathi|sing|zing emphasi|se|ze emphasi|sed|zed emphasi|ses|zes emphasi|sing|zing
        enamel|led|ed enamel|ling|ing enamo|ured|red encyclop|aedia|edia encyclop|aedias|edias
        encyclop|aedic|edic endeavo|ur|r endeavo|ured|red endeavo|uring|ring endeavo|urs|rs
        energi|se|ze energi|sed|zed energi|ses|zes energi|sing|zing enrol||l enrol|s|ls enthral||l
        enthral|s|ls epaulet|te| epaulet|tes|s epicent|re|er epicent|res|ers epilog|ue|
        epilog|ues|s epitomi|se|ze epitomi|sed|zed epitomi|ses|zes epitomi|sing|zing
        equali|sation|zation equali|se|ze equali|sed|zed equali|ser|zer equali|sers|zers
        equali|ses|zes equali|sing|zing eulogi|se|ze eulogi|sed|zed eulogi|ses|zes eulogi|sing|zing
        evangeli|se|ze evangeli|sed|zed evangeli|ses|zes evangeli|sing|zing exorci|se|ze
        exorci|sed|zed exorci|ses|zes exorci|sing|zing extempori|sation|zation extempori|se|ze
        extempori|sed|zed extempori|ses|zes extempori|sing|zing externali|sation|zation
        externali|sations|zations externali|se|ze externali|sed|zed externali|ses|zes
        externali|sing|zing factori|se|ze factori|sed|zed factori|ses|zes factori|sing|zing
        f|aecal|ecal f|aeces|eces familiari|sation|zation familiari|se|ze familiari|sed|zed
        familiari|ses|zes familiari|sing|zing fantasi|se|ze fantasi|sed|zed fantasi|ses|zes
        fantasi|sing|zing favo|ur|r favo|urable|rable favo|urably|rably favo|ured|red
        favo|uring|ring favo|urite|rite favo|urites|rites favo|uritism|ritism favo|urs|rs
        femini|se|ze femini|sed|zed femini|ses|zes femini|sing|zing fertili|sation|zation
        fertili|se|ze fertili|sed|zed fertili|ser|zer fertili|sers|zers fertili|ses|zes
        fertili|sing|zing fervo|ur|r fib|re|er fib|reglass|erglass fib|res|ers
        fictionali|sation|zation fictionali|sations|zations fictionali|se|ze fictionali|sed|zed
        fictionali|ses|zes fictionali|sing|zing fil|let|et fil|leted|eted fil|leting|eting
        fil|lets|ets finali|sation|zation finali|se|ze finali|sed|zed finali|ses|zes
        finali|sing|zing fl|autist|utist fl|autists|utists flavo|ur|r flavo|ured|red
        flavo|uring|ring flavo|urings|rings flavo|urless|rless flavo|urs|rs flavo|ursome|rsome
        f|oetal|etal f|oetid|etid f|oetus|etus f|oetuses|etuses formali|sation|zation formali|se|ze
        formali|sed|zed formali|ses|zes formali|sing|zing fossili|sation|zation fossili|se|ze
        fossili|sed|zed fossili|ses|zes fossili|sing|zing fraterni|sation|zation fraterni|se|ze
        fraterni|sed|zed fraterni|ses|zes fraterni|sing|zing fulfil||l fulfil|ment|lment
        fulfil|s|ls funnel|led|ed funnel|ling|ing galvani|se|ze galvani|sed|zed galvani|ses|zes
        galvani|sing|zing gambol|led|ed gambol|ling|ing |gaol|jail |gaolbird|jailbird
        |gaolbirds|jailbirds |gaolbreak|jailbreak |gaolbreaks|jailbreaks |gaoled|jailed
        |gaoler|jailer |gaolers|jailers |gaoling|jailing |gaols|jails gas|ses|es ga|ge|uge
        ga|ged|uged ga|ges|uges ga|ging|uging generali|sation|zation generali|sations|zations
        generali|se|ze generali|sed|zed generali|ses|zes generali|sing|zing ghettoi|se|ze
        ghettoi|sed|zed ghettoi|ses|zes ghettoi|sing|zing g|ipsies|ypsies glamori|se|ze
        glamori|sed|zed glamori|ses|zes glamori|sing|zing glamo|r|ur globali|sation|zation
        globali|se|ze globali|sed|zed globali|ses|zes globali|sing|zing glu|eing|ing goit|re|er
        goit|res|ers gonorrh|oea|ea gram|me| gram|mes|s gravel|led|ed gr|ey|ay gr|eyed|ayed
        gr|eying|aying gr|eyish|ayish gr|eyness|ayness gr|eys|ays grovel|led|ed grovel|ling|ing
        gro|yne|in gro|ynes|ins gruel|ling|ing gruel|lingly|ingly gr|yphon|iffin gr|yphons|iffins
        gyn|aecological|ecological gyn|aecologist|ecologist gyn|aecologists|ecologists
        gyn|aecology|ecology h|aematological|ematological h|aematologist|ematologist
        h|aematologists|ematologists h|aematology|ematology h|aemoglobin|emoglobin
        h|aemophilia|emophilia h|aemophiliac|emophiliac h|aemophiliacs|emophiliacs
        h|aemorrhage|emorrhage h|aemorrhaged|emorrhaged h|aemorrhages|emorrhages
        h|aemorrhaging|emorrhaging h|aemorrhoids|emorrhoids harbo|ur|r harbo|ured|red
        harbo|uring|ring harbo|urs|rs harmoni|sation|zation harmoni|se|ze harmoni|sed|zed
        harmoni|ses|zes harmoni|sing|zing hom|oeopath|eopath hom|oeopathic|eopathic
        hom|oeopaths|eopaths hom|oeopathy|eopathy homogeni|se|ze homogeni|sed|zed homogeni|ses|zes
        homogeni|sing|zing hono|ur|r hono|urable|rable hono|urably|rably hono|ured|red
        hono|uring|ring hono|urs|rs hospitali|sation|zation hospitali|se|ze hospitali|sed|zed
        hospitali|ses|zes hospitali|sing|zing humani|se|ze humani|sed|zed humani|ses|zes
        humani|sing|zing humo|ur|r humo|ured|red humo|uring|ring humo|urless|rless humo|urs|rs
        hybridi|se|ze hybridi|sed|zed hybridi|ses|zes hybridi|sing|zing hypnoti|se|ze
        hypnoti|sed|zed hypnoti|ses|zes hypnoti|sing|zing hypothesi|se|ze hypothesi|sed|zed
        hypothesi|ses|zes hypothesi|sing|zing ideali|sation|zation ideali|se|ze ideali|sed|zed
        ideali|ses|zes ideali|sing|zing idoli|se|ze idoli|sed|zed idoli|ses|zes idoli|sing|zing
        immobili|sation|zation immobili|se|ze immobili|sed|zed immobili|ser|zer immobili|sers|zers
        immobili|ses|zes immobili|sing|zing immortali|se|ze immortali|sed|zed immortali|ses|zes
        immortali|sing|zing immuni|sation|zation immuni|se|ze immuni|sed|zed immuni|ses|zes
        immuni|sing|zing impanel|led|ed impanel|ling|ing imperil|led|ed imperil|ling|ing
        individuali|se|ze individuali|sed|zed individuali|ses|zes individuali|sing|zing
        industriali|se|ze industriali|sed|zed industriali|ses|zes industriali|sing|zing
        infle|xion|ction infle|xions|ctions initiali|se|ze initiali|sed|zed initiali|ses|zes
        initiali|sing|zing initial|led|ed initial|ling|ing instal||l instal|ment|lment
        instal|ments|lments instal|s|ls instil||l instil|s|ls institutionali|sation|zation
        institutionali|se|ze institutionali|sed|zed institutionali|ses|zes institutionali|sing|zing
        intellectuali|se|ze intellectuali|sed|zed intellectuali|ses|zes intellectuali|sing|zing
        internali|sation|zation internali|se|ze internali|sed|zed internali|ses|zes
        internali|sing|zing internationali|sation|zation internationali|se|ze
        internationali|sed|zed internationali|ses|zes internationali|sing|zing ioni|sation|zation
        ioni|se|ze ioni|sed|zed ioni|ser|zer ioni|sers|zers ioni|ses|zes ioni|sing|zing
        italici|se|ze italici|sed|zed italici|ses|zes italici|sing|zing itemi|se|ze itemi|sed|zed
        itemi|ses|zes itemi|sing|zing jeopardi|se|ze jeopardi|sed|zed jeopardi|ses|zes
        jeopardi|sing|zing jewel|led|ed jewel|ler|er jewel|lers|ers jewel|lery|ry judg|ement|ment
        kilogram|me| kilogram|mes|s kilomet|re|er kilomet|res|ers label|led|ed label|ling|ing
        labo|ur|r labo|ured|red labo|urer|rer labo|urers|rers labo|uring|ring labo|urs|rs
        lacklust|re|er legali|sation|zation legali|se|ze legali|sed|zed legali|ses|zes
        legali|sing|zing legitimi|se|ze legitimi|sed|zed legitimi|ses|zes legitimi|sing|zing
        leuk|aemia|emia level|led|ed level|ler|er level|lers|ers level|ling|ing libel|led|ed
        libel|ling|ing libel|lous|ous liberali|sation|zation liberali|se|ze liberali|sed|zed
        liberali|ses|zes liberali|sing|zing licen|ce|se licen|ced|sed licen|ces|ses licen|cing|sing
        lik|eable|able lioni|sation|zation lioni|se|ze lioni|sed|zed lioni|ses|zes lioni|sing|zing
        liquidi|se|ze liquidi|sed|zed liquidi|ser|zer liquidi|sers|zers liquidi|ses|zes
        liquidi|sing|zing lit|re|er lit|res|ers locali|se|ze locali|sed|zed locali|ses|zes
        locali|sing|zing louv|re|er louv|red|ered louv|res|ers lust|re|er magneti|se|ze
        magneti|sed|zed magneti|ses|zes magneti|sing|zing man|oeuvrability|euverability
        man|oeuvrable|euverable man|oeuvre|euver man|oeuvred|euvered man|oeuvres|euvers
        man|oeuvring|euvering man|oeuvrings|euverings marginali|sation|zation marginali|se|ze
        marginali|sed|zed marginali|ses|zes marginali|sing|zing marshal|led|ed marshal|ling|ing
        marvel|led|ed marvel|ling|ing marvel|lous|ous marvel|lously|ously materiali|sation|zation
        materiali|se|ze materiali|sed|zed materiali|ses|zes materiali|sing|zing
        maximi|sation|zation maximi|se|ze maximi|sed|zed maximi|ses|zes maximi|sing|zing meag|re|er
        mechani|sation|zation mechani|se|ze mechani|sed|zed mechani|ses|zes mechani|sing|zing
        medi|aeval|eval memoriali|se|ze memoriali|sed|zed memoriali|ses|zes memoriali|sing|zing
        memori|se|ze memori|sed|zed memori|ses|zes memori|sing|zing mesmeri|se|ze mesmeri|sed|zed
        mesmeri|ses|zes mesmeri|sing|zing metaboli|se|ze metaboli|sed|zed metaboli|ses|zes
        metaboli|sing|zing met|re|er met|res|ers micromet|re|er micromet|res|ers militari|se|ze
        militari|sed|zed militari|ses|zes militari|sing|zing milligram|me| milligram|mes|s
        millilit|re|er millilit|res|ers millimet|re|er millimet|res|ers miniaturi|sation|zation
        miniaturi|se|ze miniaturi|sed|zed miniaturi|ses|zes miniaturi|sing|zing minibus|ses|es
        minimi|se|ze minimi|sed|zed minimi|ses|zes minimi|sing|zing misbehavio|ur|r misdemeano|ur|r
        misdemeano|urs|rs misspel|t|led mit|re|er mit|res|ers mobili|sation|zation mobili|se|ze
        mobili|sed|zed mobili|ses|zes mobili|sing|zing model|led|ed model|ler|er model|lers|ers
        model|ling|ing moderni|se|ze moderni|sed|zed moderni|ses|zes moderni|sing|zing
        moisturi|se|ze moisturi|sed|zed moisturi|ser|zer moisturi|sers|zers moisturi|ses|zes
        moisturi|sing|zing monolog|ue| monolog|ues|s monopoli|sation|zation monopoli|se|ze
        monopoli|sed|zed monopoli|ses|zes monopoli|sing|zing morali|se|ze morali|sed|zed
        morali|ses|zes morali|sing|zing motori|sed|zed mo|uld|ld mo|ulded|lded mo|ulder|lder
        mo|uldered|ldered mo|uldering|ldering mo|ulders|lders mo|uldier|ldier mo|uldiest|ldiest
        mo|ulding|lding mo|uldings|ldings mo|ulds|lds mo|uldy|ldy mo|ult|lt mo|ulted|lted
        mo|ulting|lting mo|ults|lts m|oustache|ustache m|oustached|ustached m|oustaches|ustaches
        m|oustachioed|ustachioed multicolo|ured|red nationali|sation|zation
        nationali|sations|zations nationali|se|ze nationali|sed|zed nationali|ses|zes
        nationali|sing|zing naturali|sation|zation naturali|se|ze naturali|sed|zed naturali|ses|zes
        naturali|sing|zing neighbo|ur|r neighbo|urhood|rhood neighbo|urhoods|rhoods
        neighbo|uring|ring neighbo|urliness|rliness neighbo|urly|rly neighbo|urs|rs
        neutrali|sation|zation neutrali|se|ze neutrali|sed|zed neutrali|ses|zes neutrali|sing|zing
        normali|sation|zation normali|se|ze normali|sed|zed normali|ses|zes normali|sing|zing
        odo|ur|r odo|urless|rless odo|urs|rs |oesophagus|esophagus |oesophaguses|esophaguses
        |oestrogen|estrogen offen|ce|se offen|ces|ses omelet|te| omelet|tes|s optimi|se|ze
        optimi|sed|zed optimi|ses|zes optimi|sing|zing organi|sation|zation
        organi|sational|zational organi|sations|zations organi|se|ze organi|sed|zed organi|ser|zer
        organi|sers|zers organi|ses|zes organi|sing|zing orthop|aedic|edic orthop|aedics|edics
        ostraci|se|ze ostraci|sed|zed ostraci|ses|zes ostraci|sing|zing outman|oeuvre|euver
        outman|oeuvred|euvered outman|oeuvres|euvers outman|oeuvring|euvering overemphasi|se|ze
        overemphasi|sed|zed overemphasi|ses|zes overemphasi|sing|zing oxidi|sation|zation
        oxidi|se|ze oxidi|sed|zed oxidi|ses|zes oxidi|sing|zing p|aederast|ederast
        p|aederasts|ederasts p|aediatric|ediatric p|aediatrician|ediatrician
        p|aediatricians|ediatricians p|aediatrics|ediatrics p|aedophile|edophile
        p|aedophiles|edophiles p|aedophilia|edophilia pal|aeolithic|eolithic
        pal|aeontologist|eontologist pal|aeontologists|eontologists pal|aeontology|eontology
        panel|led|ed panel|ling|ing panel|list|ist panel|lists|ists paraly|se|ze paraly|sed|zed
        paraly|ses|zes paraly|sing|zing parcel|led|ed parcel|ling|ing parlo|ur|r parlo|urs|rs
        particulari|se|ze particulari|sed|zed particulari|ses|zes particulari|sing|zing
        passivi|sation|zation passivi|se|ze passivi|sed|zed passivi|ses|zes passivi|sing|zing
        pasteuri|sation|zation pasteuri|se|ze pasteuri|sed|zed pasteuri|ses|zes pasteuri|sing|zing
        patroni|se|ze patroni|sed|zed patroni|ses|zes patroni|sing|zing patroni|singly|zingly
        pedal|led|ed pedal|ling|ing pedestriani|sation|zation pedestriani|se|ze pedestriani|sed|zed
        pedestriani|ses|zes pedestriani|sing|zing penali|se|ze penali|sed|zed penali|ses|zes
        penali|sing|zing pencil|led|ed pencil|ling|ing personali|se|ze personali|sed|zed
        personali|ses|zes personali|sing|zing pharmacop|oeia|eia pharmacop|oeias|eias
        philosophi|se|ze philosophi|sed|zed philosophi|ses|zes philosophi|sing|zing |philtre|filter
        |philtres|filters phon|ey|y plagiari|se|ze plagiari|sed|zed plagiari|ses|zes
        plagiari|sing|zing plo|ugh|w plo|ughed|wed plo|ughing|wing plo|ughman|wman plo|ughmen|wmen
        plo|ughs|ws plo|ughshare|wshare plo|ughshares|wshares polari|sation|zation polari|se|ze
        polari|sed|zed polari|ses|zes polari|sing|zing politici|sation|zation politici|se|ze
        politici|sed|zed politici|ses|zes politici|sing|zing populari|sation|zation populari|se|ze
        populari|sed|zed populari|ses|zes populari|sing|zing pouf|fe| pouf|fes|s practi|se|ce
        practi|sed|ced practi|ses|ces practi|sing|cing pr|aesidium|esidium pr|aesidiums|esidiums
        pressuri|sation|zation pressuri|se|ze pressuri|sed|zed pressuri|ses|zes pressuri|sing|zing
        preten|ce|se preten|ces|ses prim|aeval|eval prioriti|sation|zation prioriti|se|ze
        prioriti|sed|zed prioriti|ses|zes prioriti|sing|zing privati|sation|zation
        privati|sations|zations privati|se|ze privati|sed|zed privati|ses|zes privati|sing|zing
        professionali|sation|zation professionali|se|ze professionali|sed|zed professionali|ses|zes
        professionali|sing|zing program|me| program|mes|s prolog|ue| prolog|ues|s propagandi|se|ze
        propagandi|sed|zed propagandi|ses|zes propagandi|sing|zing proselyti|se|ze
        proselyti|sed|zed proselyti|ser|zer proselyti|sers|zers proselyti|ses|zes
        proselyti|sing|zing psychoanaly|se|ze psychoanaly|sed|zed psychoanaly|ses|zes
        psychoanaly|sing|zing publici|se|ze publici|sed|zed publici|ses|zes publici|sing|zing
        pulveri|sation|zation pulveri|se|ze pulveri|sed|zed pulveri|ses|zes pulveri|sing|zing
        pummel|led| pummel|ling|ed p|yjama|ajama p|yjamas|ajamas p|zazz|izzazz quarrel|led|ed
        quarrel|ling|ing radicali|se|ze radicali|sed|zed radicali|ses|zes radicali|sing|zing
        ranco|ur|r randomi|se|ze randomi|sed|zed randomi|ses|zes randomi|sing|zing
        rationali|sation|zation rationali|sations|zations rationali|se|ze rationali|sed|zed
        rationali|ses|zes rationali|sing|zing ravel|led|ed ravel|ling|ing reali|sable|zable
        reali|sation|zation reali|sations|zations reali|se|ze reali|sed|zed reali|ses|zes
        reali|sing|zing recogni|sable|zable recogni|sably|zably recogni|sance|zance recogni|se|ze
        recogni|sed|zed recogni|ses|zes recogni|sing|zing reconnoit|re|er reconnoit|red|ered
        reconnoit|res|ers reconnoit|ring|ering refuel|led|ed refuel|ling|ing regulari|sation|zation
        regulari|se|ze regulari|sed|zed regulari|ses|zes regulari|sing|zing remodel|led|ed
        remodel|ling|ing remo|uld|ld remo|ulded|lded remo|ulding|lding remo|ulds|lds
        reorgani|sation|zation reorgani|sations|zations reorgani|se|ze reorgani|sed|zed
        reorgani|ses|zes reorgani|sing|zing revel|led|ed revel|ler|er revel|lers|ers revel|ling|ing
        revitali|se|ze revitali|sed|zed revitali|ses|zes revitali|sing|zing revolutioni|se|ze
        revolutioni|sed|zed revolutioni|ses|zes revolutioni|sing|zing rhapsodi|se|ze
        rhapsodi|sed|zed rhapsodi|ses|zes rhapsodi|sing|zing rigo|ur|r rigo|urs|rs rituali|sed|zed
        rival|led|ed rival|ling|ing romantici|se|ze romantici|sed|zed romantici|ses|zes
        romantici|sing|zing rumo|ur|r rumo|ured|red rumo|urs|rs sab|re|er sab|res|ers saltpet|re|er
        saniti|se|ze saniti|sed|zed saniti|ses|zes saniti|sing|zing satiri|se|ze satiri|sed|zed
        satiri|ses|zes satiri|sing|zing savio|ur|r savio|urs|rs savo|ur|r savo|ured|red
        savo|uries|ries savo|uring|ring savo|urs|rs savo|ury|ry scandali|se|ze scandali|sed|zed
        scandali|ses|zes scandali|sing|zing s|ceptic|keptic s|ceptical|keptical
        s|ceptically|keptically s|cepticism|kepticism s|ceptics|keptics scept|re|er scept|res|ers
        scrutini|se|ze scrutini|sed|zed scrutini|ses|zes scrutini|sing|zing seculari|sation|zation
        seculari|se|ze seculari|sed|zed seculari|ses|zes seculari|sing|zing sensationali|se|ze
        sensationali|sed|zed sensationali|ses|zes sensationali|sing|zing sensiti|se|ze
        sensiti|sed|zed sensiti|ses|zes sensiti|sing|zing sentimentali|se|ze sentimentali|sed|zed
        sentimentali|ses|zes sentimentali|sing|zing sepulch|re|er sepulch|res|ers
        seriali|sation|zation seriali|sations|zations seriali|se|ze seriali|sed|zed seriali|ses|zes
        seriali|sing|zing sermoni|se|ze sermoni|sed|zed sermoni|ses|zes sermoni|sing|zing sheik|h|
        shovel|led|ed shovel|ling|ing shrivel|led|ed shrivel|ling|ing signali|se|ze signali|sed|zed
        signali|ses|zes signali|sing|zing signal|led|ed signal|ling|ing smo|ulder|lder
        smo|uldered|ldered smo|uldering|ldering smo|ulders|lders snivel|led|ed snivel|ling|ing
        snorkel|led|ed snorkel|ling|ing snowplo|ugh|w snowplo|ughs|w sociali|sation|zation
        sociali|se|ze sociali|sed|zed sociali|ses|zes sociali|sing|zing sodomi|se|ze sodomi|sed|zed
        sodomi|ses|zes sodomi|sing|zing solemni|se|ze solemni|sed|zed solemni|ses|zes
        solemni|sing|zing somb|re|er speciali|sation|zation speciali|sations|zations speciali|se|ze
        speciali|sed|zed speciali|ses|zes speciali|sing|zing spect|re|er spect|res|ers
        spiral|led|ed spiral|ling|ing splendo|ur|r splendo|urs|rs squirrel|led|ed squirrel|ling|ing
        stabili|sation|zation stabili|se|ze stabili|sed|zed stabili|ser|zer stabili|sers|zers
        stabili|ses|zes stabili|sing|zing standardi|sation|zation standardi|se|ze standardi|sed|zed
        standardi|ses|zes standardi|sing|zing stencil|led|ed stencil|ling|ing sterili|sation|zation
        sterili|sations|zations sterili|se|ze sterili|sed|zed sterili|ser|zer sterili|sers|zers
        sterili|ses|zes sterili|sing|zing stigmati|sation|zation stigmati|se|ze stigmati|sed|zed
        stigmati|ses|zes stigmati|sing|zing stor|ey|y stor|eys|ies subsidi|sation|zation
        subsidi|se|ze subsidi|sed|zed subsidi|ser|zer subsidi|sers|zers subsidi|ses|zes
        subsidi|sing|zing succo|ur|r succo|ured|red succo|uring|ring succo|urs|rs sul|phate|fate
        sul|phates|fates sul|phide|fide sul|phides|fides sul|phur|fur sul|phurous|furous
        summari|se|ze summari|sed|zed summari|ses|zes summari|sing|zing swivel|led|ed
        swivel|ling|ing symboli|se|ze symboli|sed|zed symboli|ses|zes symboli|sing|zing
        sympathi|se|ze sympathi|sed|zed sympathi|ser|zer sympathi|sers|zers sympathi|ses|zes
        sympathi|sing|zing synchroni|sation|zation synchroni|se|ze synchroni|sed|zed
        synchroni|ses|zes synchroni|sing|zing synthesi|se|ze synthesi|sed|zed synthesi|ser|zer
        synthesi|sers|zers synthesi|ses|zes synthesi|sing|zing s|yphon|iphon s|yphoned|iphoned
        s|yphoning|iphoning s|yphons|iphons systemati|sation|zation systemati|se|ze
        systemati|sed|zed systemati|ses|zes systemati|sing|zing tantali|se|ze tantali|sed|zed
        tantali|ses|zes tantali|sing|zing tantali|singly|zingly tassel|led|ed technicolo|ur|r
        tempori|se|ze tempori|sed|zed tempori|ses|zes tempori|sing|zing tenderi|se|ze
        tenderi|sed|zed tenderi|ses|zes tenderi|sing|zing terrori|se|ze terrori|sed|zed
        terrori|ses|zes terrori|sing|zing theat|re|er theat|regoer|ergoer theat|regoers|ergoers
        theat|res|ers theori|se|ze theori|sed|zed theori|ses|zes theori|sing|zing ton|ne| ton|nes|s
        towel|led|ed towel|ling|ing tox|aemia|emia tranquil|lise|ize tranquil|lised|ized
        tranquil|liser|izer tranquil|lisers|izers tranquil|lises|izes tranquil|lising|izing
        tranquil|lity|ity tranquil|lize|ize tranquil|lized|ized tranquil|lizer|izer
        tranquil|lizers|izers tranquil|lizes|izes tranquil|lizing|izing tranquil|ly|ity
        transistori|sed|zed traumati|se|ze traumati|sed|zed traumati|ses|zes traumati|sing|zing
        travel|led|ed travel|ler|er travel|lers|ers travel|ling|ing travelog||ue travelog|s|ues
        trial|led|ed trial|ling|ing tricolo|ur|r tricolo|urs|rs triviali|se|ze triviali|sed|zed
        triviali|ses|zes triviali|sing|zing tumo|ur|r tumo|urs|rs tunnel|led|ed tunnel|ling|ing
        tyranni|se|ze tyranni|sed|zed tyranni|ses|zes tyranni|sing|zing t|yre|ire t|yres|ires
        unauthori|sed|zed uncivili|sed|zed underutili|sed|zed unequal|led|ed unfavo|urable|rable
        unfavo|urably|rably unioni|sation|zation unioni|se|ze unioni|sed|zed unioni|ses|zes
        unioni|sing|zing unorgani|sed|zed unravel|led|ed unravel|ling|ing unrecogni|sable|zable
        unrecogni|sed|zed unrival|led|ed unsavo|ury|ry untrammel|led|ed urbani|sation|zation
        urbani|se|ze urbani|sed|zed urbani|ses|zes urbani|sing|zing utili|sable|zable
        utili|sation|zation utili|se|ze utili|sed|zed utili|ses|zes utili|sing|zing valo|ur|r
        vandali|se|ze vandali|sed|zed vandali|ses|zes vandali|sing|zing vapori|sation|zation
        vapori|se|ze vapori|sed|zed vapori|ses|zes vapori|sing|zing vapo|ur|r vapo|urs|rs
        verbali|se|ze verbali|sed|zed verbali|ses|zes verbali|sing|zing victimi|sation|zation
        victimi|se|ze victimi|sed|zed victimi|ses|zes victimi|sing|zing videodis|c|k videodis|cs|ks
        vigo|ur|r visuali|sation|zation visuali|sations|zations visuali|se|ze visuali|sed|zed
        visuali|ses|zes visuali|sing|zing vocali|sation|zation vocali|sations|zations vocali|se|ze
        vocali|sed|zed vocali|ses|zes vocali|sing|zing vulcani|sed|zed vulgari|sation|zation
        vulgari|se|ze vulgari|sed|zed vulgari|ses|zes vulgari|sing|zing wag|gon|on wag|gons|ons
        watercolo|ur|r watercolo|urs|rs weasel|led|ed weasel|ling|ing westerni|sation|zation
        westerni|se|ze westerni|sed|zed westerni|ses|zes westerni|sing|zing womani|se|ze
        womani|sed|zed womani|ser|zer womani|sers|zers womani|ses|zes womani|sing|zing wool|len|en
        wool|lens|ens wool|lies|ies wool|ly|y worship|ped|ed worship|ping|ing worship|per|er
        yodel|led|ed yodel|ling|ing yog|hourt|urt yog|hourts|urts yog|hurt|urt yog|hurts|urts
        |mhm|hmm |mmm|hmm
        """
}
