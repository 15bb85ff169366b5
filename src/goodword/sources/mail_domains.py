"""Domains of mail, by what an address there says of a person: two kept lists.

Source: services that are widely known for this, noted by hand and not tried one by one, as of 28 November 2026. Neither list is
complete, nor has to be: what stands in neither is taken for the domain of a company or a person, and what follows is a flag for people.

Must not know: what a flag is, whose address it is.
"""

from __future__ import annotations

_DISPOSABLE = (
    "0-mail.com 10minutemail.co.uk 10minutemail.com 10minutemail.net 1secmail.com 1secmail.net 1secmail.org "
    "20minutemail.com 33mail.com armyspy.com byom.de cuvox.de dayrep.com dispostable.com dropmail.me einrot.com "
    "emailfake.com emailondeck.com emailtemporanea.net fakeinbox.com fakemail.net fakemailgenerator.com fleckens.hu "
    "getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info "
    "guerrillamail.net guerrillamail.org guerrillamailblock.com gustr.com harakirimail.com inboxbear.com inboxkitten.com "
    "jetable.org jourrapide.com kurzepost.de mail-temp.com mail-temporaire.fr mail.tm mail7.io mailcatch.com maildrop.cc "
    "mailforspam.com mailinator.com mailinator.net mailinator2.com mailnesia.com mailnull.com mailpoof.com mailsac.com "
    "mailtemp.net mintemail.com minuteinbox.com moakt.com mohmal.com mvrht.net mytemp.email mytrashmail.com nada.email "
    "nowmymail.com objectmail.com pokemail.net proxymail.eu rcpt.at rhyta.com sharklasers.com sofort-mail.de spam4.me "
    "spamavert.com spambog.com spambox.us spamex.com spamgourmet.com superrito.com teleworm.us temp-mail.io temp-mail.org "
    "tempail.com tempinbox.com tempmail.de tempmail.dev tempmail.net tempmail.plus tempmailaddress.com tempmailo.com "
    "tempr.email throwawaymail.com tmail.ws tmailor.com tmpmail.net tmpmail.org trash-mail.com trashmail.com trashmail.de "
    "trashmail.io trashmail.me trashmail.net trashmail.org trbvm.com wegwerfemail.de wegwerfmail.de wegwerfmail.net "
    "wegwerfmail.org yopmail.com yopmail.fr yopmail.net zeroe.ml"
)
_SHARED = (
    "126.com 139.com 163.com 189.cn 21cn.com aliyun.com aol.com aol.de arcor.de att.net bellsouth.net bigpond.com bk.ru "
    "bluewin.ch blueyonder.co.uk bol.com.br btinternet.com btopenworld.com centrum.cz chello.at chello.nl comcast.net "
    "cox.net daum.net earthlink.net email.cz email.de fastmail.com fastmail.fm foxmail.com free.fr freenet.de gmail.com "
    "gmx.at gmx.ch gmx.com gmx.de gmx.eu gmx.fr gmx.net gmx.org googlemail.com hanmail.net hey.com home.nl hotmail.be "
    "hotmail.ca hotmail.ch hotmail.co.jp hotmail.co.uk hotmail.com hotmail.com.ar hotmail.com.br hotmail.de hotmail.es "
    "hotmail.fr hotmail.it hotmail.nl hotmail.no hotmail.se hushmail.com icloud.com ig.com.br iinet.net.au in.com inbox.lv "
    "inbox.ru interia.pl kpnmail.nl laposte.net libero.it list.ru live.at live.be live.ca live.cl live.cn live.co.uk "
    "live.co.za live.com live.com.ar live.com.au live.com.mx live.com.pt live.de live.dk live.fr live.ie live.in live.it "
    "live.jp live.nl live.no live.se mac.com mail.com mail.de mail.ee mail.ru mailbox.org me.com msn.com mweb.co.za "
    "nate.com naver.com neuf.fr ntlworld.com o2.pl online.de op.pl optusnet.com.au orange.fr outlook.at outlook.be "
    "outlook.cl outlook.co.th outlook.com outlook.com.ar outlook.com.au outlook.com.br outlook.cz outlook.de outlook.dk "
    "outlook.es outlook.fr outlook.ie outlook.it outlook.jp outlook.kr outlook.pt outlook.sa planet.nl pm.me posteo.de "
    "proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com rogers.com sapo.pt "
    "sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com sky.com skynet.be sohu.com t-online.de talktalk.net "
    "telefonica.net telenet.be telus.net terra.com.br tin.it tiscali.co.uk tiscali.it tuta.com tuta.io tutanota.com "
    "tutanota.de ukr.net uol.com.br uymail.com verizon.net videotron.ca virgilio.it virginmedia.com vodafone.de "
    "vodafonemail.de wanadoo.fr web.de windowslive.com wp.pl xs4all.nl xtra.co.nz ya.ru yahoo.ca yahoo.co.id yahoo.co.in "
    "yahoo.co.jp yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.co.za yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br "
    "yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.de "
    "yahoo.es yahoo.fr yahoo.ie yahoo.in yahoo.it yahoo.no yahoo.pl yahoo.ro yahoo.se yandex.com yandex.ru yeah.net "
    "ymail.com ziggo.nl zoho.com"
)
#: Providers that give addresses for minutes, or boxes that everybody reads.
DISPOSABLE = frozenset(_DISPOSABLE.split())
#: Providers at which strangers have addresses: a domain that two share says nothing.
SHARED = frozenset(_SHARED.split())


def is_disposable(address: str) -> bool:
    """Return whether a canonical address, or one at a part of such a domain, is of a provider that gives addresses for minutes."""
    _, _, domain = address.rpartition("@")
    while "." in domain:
        if domain in DISPOSABLE:
            return True
        domain = domain.partition(".")[2]
    return False


def own_domain(address: str) -> str | None:
    """Return the domain of a canonical address if it is a company's or a person's, None if strangers have addresses there."""
    domain = address.rpartition("@")[2]
    return None if domain in SHARED or is_disposable(address) else domain
