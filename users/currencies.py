"""The currencies that a company may price in, and their smallest units."""

from __future__ import annotations

_TABLE = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF
CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS
VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CODES: tuple[str, ...] = tuple(_TABLE.split())
"""ISO 4217, table A.1, the active codes of 2026 (after ANG became XCG, ZWL ZWG, and BGN EUR), without metals, units of
account of banks and test codes, in which nobody sells."""

_MINOR_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""ISO 4217, table A.1, where it is not 2."""
_units = {code: digits for digits, codes in _MINOR_UNITS.items() for code in codes.split()}


def minor_units(code: str) -> int:
    """Decimals of a currency: 2 for USD, whose smallest unit is a hundredth; 0 for JPY."""
    return _units.get(code, 2)


__all__ = ["CODES", "minor_units"]
