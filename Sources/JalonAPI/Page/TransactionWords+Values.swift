extension TransactionWords {
    /// What the words of closed sets are called, by field.
    static let values: [String: [String: Words]] = [
        "curve": [
            "linear": ("直线", "a straight line", "une droite"), "step": ("阶梯", "steps", "par paliers"),
            "none": ("无", "none", "aucune"),
        ],
        "accumulation": [
            "cumulative": ("累计", "running total", "total cumulé"),
            "flow": ("流量，逐期相加", "a flow, added up", "un flux, additionné"),
            "stock": ("存量", "a level at a moment", "un niveau à un moment"),
        ],
        "direction": [
            "up": ("上升", "up", "à la hausse"), "down": ("下降", "down", "à la baisse"),
            "maintain": ("保持", "to be kept", "à maintenir"),
        ],
        "measure": [
            "count": ("数量", "a count", "un nombre"), "amount": ("金额", "an amount", "un montant"),
            "percent": ("百分比", "a percentage", "un pourcentage"), "index": ("指数", "an index", "un indice"),
            "ordinal": ("等级", "levels", "des niveaux"), "checklist": ("清单", "a checklist", "une liste"),
            "qualitative": ("定性", "in words", "en mots"),
        ],
        "every": [
            "monthly": ("每月", "monthly", "mensuel"), "quarterly": ("每季度", "quarterly", "trimestriel"),
            "halfYearly": ("每半年", "half-yearly", "semestriel"), "yearly": ("每年", "yearly", "annuel"),
        ],
        "role": ["lead": ("牵头", "lead", "chef de file"), "support": ("协助", "support", "appui")],
        "roles": [
            "province": ("省份", "province", "province"), "regulator": ("监管", "regulator", "régulateur"),
            "auditor": ("审计", "auditor", "auditeur"), "observer": ("观察", "observer", "observateur"),
        ],
        "valueStatus": [
            "normal": ("正常", "normal", "normale"), "provisional": ("初步", "provisional", "provisoire"),
            "estimated": ("估计", "estimated", "estimée"),
            "seriesBreak": ("口径变化", "the series breaks", "rupture de série"),
        ],
        "verdict": [
            "confirmed": ("属实", "confirmed", "confirmé"), "reserved": ("有保留", "reserved", "avec réserves"),
            "refuted": ("不实", "refuted", "réfuté"),
            "unable": ("无法鉴证", "unable to say", "impossible à vérifier"),
        ],
        "ground": [
            "wrongRegion": ("地区有误", "wrong region", "mauvaise région"),
            "wrongValue": ("数值有误", "wrong value", "valeur erronée"),
            "wrongSource": ("来源有误", "wrong source", "source erronée"),
            "duplicate": ("重复", "duplicate", "doublon"),
            "other": ("其他", "other", "autre"),
        ],
        "outcome": [
            "upheld": ("成立", "upheld", "fondée"), "rejected": ("不成立", "rejected", "rejetée"),
            "withdrawn": ("撤回", "withdrawn", "retirée"),
        ],
        "activation": [
            "automatic": ("自动", "automatic", "automatique"),
            "regulator": ("经监管方批准", "by a regulator", "par un régulateur"),
        ],
        "governanceAction": [
            "member.admit": ("接纳成员", "admission", "admission"),
            "member.suspend": ("暂停成员", "suspension", "suspension"),
            "member.reinstate": ("恢复成员", "reinstatement", "rétablissement"),
            "member.remove": ("移除成员", "removal", "exclusion"),
            "parameter.set": ("修改参数", "a parameter", "un paramètre"),
            "protocol.upgrade": ("升级规则", "an upgrade of the rules", "une mise à niveau des règles"),
        ],
        "ballot": ["yes": ("赞成", "yes", "oui"), "no": ("反对", "no", "non")],
        "kind": [
            "official": ("官方文件", "official", "officielle"), "press": ("媒体报道", "press", "presse"),
        ],
        "access": [
            "public": ("公开", "public", "public"), "auditor": ("仅审计", "auditors", "auditeurs"),
            "sealed": ("封存", "sealed", "scellé"),
        ],
        "op": [
            "ge": ("不少于", "at least", "au moins"), "gt": ("超过", "more than", "plus de"),
            "le": ("不超过", "at most", "au plus"), "lt": ("少于", "less than", "moins de"),
            "approx": ("约", "about", "environ"), "range": ("区间", "a range", "une fourchette"),
            "checklist": ("清单", "a checklist", "une liste"), "level": ("等级", "a level", "un niveau"),
        ],
        "sense": [
            "threshold": ("达到下限即完成", "met at the minimum", "atteinte au minimum"),
            "corridor": ("保持在区间内", "to stay inside", "rester à l’intérieur"),
        ],
        "class": [
            "material": ("实质性", "material", "de fond"), "editorial": ("文字性", "editorial", "de forme"),
        ],
        "minimumLevel": [
            "L0": ("L0 自报", "L0 declared", "L0 déclaré"),
            "L1": ("L1 附证据摘要", "L1 evidence given", "L1 preuve fournie"),
            "L2": ("L2 联署", "L2 co-signed", "L2 cosigné"), "L3": ("L3 审计核实", "L3 attested", "L3 attesté"),
        ],
    ]
}
