/**
 * One second of a soft two-tone chime as 50 Opus packets of 20 ms (48 kHz, stereo), made once with ffmpeg's libopus from two fading sine waves of
 * 440 and 660 Hz. Each packet is preceded by its length in two bytes. It is what a virtual phone "plays", whatever its apps ask for.
 */
const encoded = [
  "AFd8iAHDMnHo5zvoAABCqbtbX1YffdGQRU6tvbzXngSl7c82MadqwD5/tvRsavKsyoWjnTeCqno5G2ZShYAgCW40EFBt7inrs7DNn1N55zLQFbFml852zS8A",
  "QHyIAo3l+2YOafYXquZNVGMH+WglCU99VPIPYor4n+GT32IZLN+on8Zk6AbU+4sxFCcDjlvztlIrya+GMCSaQD8AM3yIAmdS27Ds9wuyDiCyOL0vn26OOadE",
  "2ZvdDEzKqspLAoG6BKBwZIJDRTBDzaLiezYMCgAwfIgCYwPZLVkC7HW20QyAuoDtmfT4EuNfZt+EZw6CJ+hP4Tyo5ck5cpVe8oegacv/ADN8iAJiW93LrwPO",
  "7s3nuqPdv/UrTWOae3cPjkhiENSAm8ZFIdVLcdr/xyaI02qgPwarzPoANHyIAmH8xIv5ZHURidS4Cib29OB8TpFEJV/Be+3K2y+u8tx1KJ0GqdlzmqnpDdJd",
  "8Wc2DMAAOXyIAmH7B3hrs7SSLNMQwfE6EgQTU9591w24VqIUB+WdGCQ5ZGn54MBQEFi/z6XooeO/dG+Zs7OrPwA1fIgCYfKHWG83H2MI/BNtZ1B+9EIoW3QL",
  "4LwQTVsC1RTBlNWyVqnXvu0ifSPSxqsj5vCtkw8AOnyIAmE8rWdQuV/CuC3z8Up8jTHzMwYMZIyJrPqSC04XA6CLapEhUidCDmdXTy+x6uvclWzpF05UD/8A",
  "MnyIAmE+kgt/jVtUi4khQRHbtqyx+ji3/C2153CO90ZgM2zPIrmwJkohdmd4y0Jr9Yw/AC58iAJg3YKsUMSToYppPmN2Kf/ZtIsapcg9J8tAc+iB8wLO1S0i",
  "o1mNOCqynaTFAFd8CAHOZRQQal0F8CwXt+6vhF0k9LKkxleoGJ9lhWQpJcnSsRv3TcSwlPMms0u4TiNR/yqX0t6SwnOdmrHcY3GPvZGz9cQeBhPY42Z1KGi1",
  "ssVtQG8axwAAN3yIAmFR8BQA50bVsoweQAlAoeSFgv+uyHOZMte5hkJ3yWM9Fggtu2BnXC2WBrDPH45ICAtsDSoAUXyIAnktTSkte0b1iG39FMuTK0WiipXZ",
  "y0WX6bMx9gXTFJCr22vRLRXWqQmbsmDUOnFIo13w0fw/j+YvMVTz8dxEswvA/1b8Or3DUzTE6yPY8AAxfIgCZySkRSuMllJVOooRtXH76zZssGCzgAkSrh4U",
  "krNwpHKFAzWDrxtDvAavszXYDwAyfIgCY3MNudAYrixiQGgFCagzqGgDqur2OV0CibpDlDs7Yy1Gvz3DAgf17Y27Bu02U/oAMnyIAmJQlemgqA1msC411OxQ",
  "hJtGoUx63lw8gLWBxDvv6+tVtRMZWx0ygd78xrIEmkP6AFh8iAJh/0Q4fC8R22UkFGCv9hZ6C6qmvVtFQaUTowcA7EqSODDMTL/ZelpPIReWAzx8DR//amhM",
  "YLAPwBzZHUwaOA3OHMwZxWbLAE07tHmSW2p1uQFcuRwAAHv8saPHlIa3Ml9D/0l8WQUGn36qL6G9S4vWyd5kmVBIrw7nMTVNt2OFoTf2fC9plS0MNGSwISO6",
  "qwEpCQNuaqOkyziaWVUSx7z6EinaoveiOGUlS3il2NhV2Ne0Gsesfzn1keDFdl6PaAO0RBbJi+3t3/spgEom0yzW7YoAY/yxo8eYix1dm/nhokz6eUBw4kgK",
  "0yFFwmrnj0kOJqxsInP7OdzguomND1cRC/7faFnQZxAjWCnZUGUojevn1roERIoFpSGbafgO8D+jHPkX7MV5uPPJCtk29lgeYH67rMTJigBk/LAukxZvpSHG",
  "BnVAJU/LYbesWpv3Lw/uq8h0h/ob57Rl18Q7vhKBapJdjfQaYauJf3njSp2Mbf0mZXx1SrRvEoq/CRmyRepy5JzT68E1vo2V/+xG80lk1Eljlm/5jci/7MSl",
  "igBf/LGiV7zCeWDHVrudps3oD58BtU5Mw8WVrTFa3ei1alaZXGC3C20Udixag84mIlCXCzzob3PmaFWkWqZErfqoSko4CYb9sqbz/UdFD9a/i/7o9FfT+g0t",
  "gAGwDbvulYoAZfyxpI/RqexQgBaR4HdrW3Y/Pwzk0pTvyQmwnUY+fdONBDiLA1jDV6MN6EOZnIiB2Vf7Y1Rfm0ggyBSK6CemUvGb/DMYDIu58pdzgSwQjq2f",
  "dpbv/sotRXLoQNrk5/n/k/ume1uKAF38saBu4PhJ5Tgao1XvziDzfd4Pv4456YT9/OEJ4eBiDhhKjKP/r/urv2Data1D97gGFgudgrmOStfy0tFPD7ZsaU2a",
  "fgA5U3cKm8j+EjmorMfyMPSVn4YAJIm7X4oAXvyxo8ARQZ25cs5a9P011prVDGRBD+ZZSPbBWWO9oAkpqDANTVke+93EBPLCTeIiOJBB57ijxqR6m+tEMg6z",
  "UnibwJhixjT8B32gu8Nh7ONx7Pl/uPbnIAH7ezdxIYoAc/y1DV/izJgUvuTj+R80pkEuaIIvYXFiEsuv+fzPIjXyd3PfPART5cA+k5llqRkg7atziNiJNt11",
  "pBQldJUEdmVh71CFfkBtSVKyxtCrFgYfQWTzYSWO760eaSg6dWaw3D4QndEQ8ZUpR5nqFBWZnM2rby4AYPyxole8xqAaKVpEy5L74Jgf5cR9no02ao7rUVJi",
  "fWF6vkCtuZoNUWlKWtsWhfWJAyu3nf4VaVPmCd8kjb3c/OrbLPwdiGK5GZKAkVoPthfxDrltFbP7qJfgAC/7Sf+TbwBn/LAuwqTdEu6GLbscJ60vp+YxJTIN",
  "KCY655x5iN2FSM/MV3P7HzPsXMCumOOZ5lTkBT+ypApktkzXlt9lQ8zxoebAN0wVvHXaki6Rop0pCWh8+5j+wo0fFu5KOv/+gAH4Ff27CP6JbgBh/Kxac5TC",
  "PyUlSdJTvtTL8sEfI51dw/9M1xsf10fAHscsyc/YN4iHMZrfq+kCRgGU8tTksUi+XniAN1Ac+US2/Vhb8tL6rLyH732h4DvjBBIK+MOJohRpidx///6TMAUB",
  "bwBi/LAfyZarD+iXeJ5ZRPjpeGv2gfW3DDJdTT2V2eTiiPW1gufUSCkjT7XFLZVRxoCiwZB/uA6OLTq8n9g0SuFRJ7o1NZq6wexXCtC+HKKmmzvngz8nGs6G",
  "xFN/4H/20RboE24AbPywMkODqnB9fhaR4HbF7Zvjid2QAdSA9fqLw965o7/nYb9xM9vfPgaEz8+BBTiHyktp3bU5TTKRLDCa0mUVn3pAoQ19brsclJhTx9es",
  "lzWdtD8EAEnhz99+vmuS11no9+2FgYf4Vt+7gBMRbgBk/LAfyI+SmImu2qKW84u/foEMwkQRd4DL4tNTNX4L68wqu4WmCPSkVqWaEdYiaJz2PnbTSIJnWdV9",
  "qNPdbidPPMAU2O04l2hLnqHoPtgGxsoIpSldlGaJhH+rKb5/+AJVtVBJbwBo/LGkkAHaWrvx51iJ9PIc5Z64GhXebzm7zWMs9wc6DcF9g8aAV1Sz8Iav66pW",
  "lnMbghvAIuOXEdVY2sB1yfUynzG0J1Ix+ZmmuM9dO8j7WEbJNgTTojn/eCmgForP/oBB+ASJCN2lmW4AX/ywLpMXK2c/eWQZLXy6Tc3Ofrf6TncaMhf7U43M",
  "R/8SEyBin/6ABYzo1xREY+pW/s+48qmhsZd/7nNvgNIReS4Pnyvh/4qjlaF8AH8f9eAK5p4miFGmJ+f/4lW0yElvAF/8saBxgMpEzxbglxhIba21WKiVs/Ra",
  "uP2DuKtGGeTa5ATlKvW3FXT/UzATux8VtyxzQnv0flAKTF43JNH9P2IREZLeeZ7+BMrhWhfDlFTYwqpkWP+gcK/gAAAXZnWZbgBl/LAukxZwsRxFR3KBND2x",
  "DzXw8wCdzPcvtZe0Pgx+y4l+V7oDKfp0s2VN/R4CChBSsYQgzdT4f3WmLBFuMxAk/GATTRSQN4cGL0gEC0+H9fpPRf/KQ7q3SPwsJK5B/gJE5jNaI24AYPyw",
  "KFMA5bwbfv3CBeueoylGlb6Cji7RvCAGjCseaxkT/4oH5cAhJaCGpsObQmX8mc5Yi3Z9B5l3+9S2R6BMWGiglbc04eftgG1hUikdXPEgFh4cU/C+8b4f+H5L",
  "YB4jbwBy/LTrbS0oaab0GVqUYdI80O6RdWA4b9fkSACLquhHWZfXtbeJeWwjyNMZItyagMTtfo2o2eQuPCJ/0Bqq76zMwrG/YI6DOaAtIHT1Ldpr09mX/z8G",
  "43gRhm5cfPLQX3tdpLhGnqEqo03n4Uv0AYUBpJDLAF78saBu4Qo+vSXAWWbzyn3N4re7zowQaOscBfQvxptCbnGflp62rWaUkBvKnKG+CFS9b5gCG01v4E/V",
  "dPhhYt1QAcihIkpFw8r9nWJx+37vREQfye4GlU/42BJb/SWKAGn8saPHrP7gSqtudl2MWbU6ZsHGRuK5+s53GCY5rYnmaB+He1ZB4y1zksY3X3sVVpYJb0ps",
  "CHBdO2qNT1JNvNAxsSYX/kVDLe7qw6vcpvtDwAbZJb9jdF2puPQ8hWTty8F4eeBskq7v/4oAbvywLqCVAKzIltBvEjJ91c7f695MSW+QcSNsZfMitRV2wVKV",
  "219nnrqQ2A57dwRq0LuaIHTbV7tqPrIr+oSJDgS1SVcY17wR2GjadWVoZTxi1O5hQgs9upHxEOX/84meaUqjceveAAAASAzbsluKAGj8sChTA6LVDs+QDvsb",
  "ZFw41qQb3Twxx/f2Ydyxfs2d3JujfF9aND23qFdQiwxcCehbGC3QBO/hbtk3xH5ZdnxThBSvJf5SO/GCiSjIE0PbGjc/yg+oD+L/uj0WE2XXyY4oBpWgIu4T",
  "igBw/LAyNZla9kp1mg/OMedvuknWkmnOk5I/dXkQsXNhwD2cgeagYXiCf5Dn90kTGuXNkLQNHeGMCjP8U0ZnglhdmaGWChgTD88d13MAxqXzQIFfYkz9TIcY",
  "LLADU8KPkabLX97t9AcaAH+Ct7Nom6kBigBm/LAfyI+SkB3A+0y4CjEAoUsu4vMGjh/hKuERW5xZsJLRq/2FFFyszlCIuw7O9EehRGf9BEYTQ8t8PMg9R+Fg",
  "re/hTW1POX904L0q0Ee7ZZ0CCqdgbyF8NRWY/ka9R+fyN7dzureKAGn8saPHrP7gJE4wm3dEuxUg+aivYl/FdmnrnrUYJveOmmNVoKQUpztenkOjYS6/HXW3",
  "zp0iDxTZ6qosTyXtLeJBCXWmy7qtGRYDfU1V9sA2eurX0cQy9mK83H1Kaz+995XgAEjbYAqySYoAavywLpMWb6UgvgOlHS87fjHNuuu+OtgxW9X+ZzNmxWD2",
  "Bh2okOIXe9OPkjaOE011iAqWqu5aCejZRJf9K+n1nbcy6uY4QeNjbkyKgFCzTt1I+NmrDL2V//KbPNJx6yqOOWaeADcjf+7kpYoAZPyxole8wnlgx1a7nabN",
  "6A+fAbVOTMPFla0xWtvRi50atxJGCdX5M6FxqHkI0rCvPxzA7IsB3SQUaMEQQmRAKuZaTvQMg6yBJ+2NG5/jYEiDT5+XX7o9FFWJKGEXgAGwDbvulYoAavyx",
  "pI/RqexQgBaR4HbF7Zt43+lVBvjc+/l+aFyvQSaUZQUqlkpJU/fXZKx22qSN/GURZeo8QTS3rx+4hdHglKQDsNsEOu1wEci71iPXqQeKpa1a3F6pWcOyi1Fc",
  "ugYRFEAf5/5P+6Z7W4oAYvyxoG7g+EnlOBqjVe/OIPN93g+/jjnphP383GECWO2O2l+STNuGCUk8m6NIy7t/Ifj6oLCnav+nxlwfc8yfHKrkfgaoeNelWh89",
  "ssgXi1UN5C+GorMfyMPSVn+GACSJu1+KAGP8saPAEUGduXLOWvT9VGdEbilwIbEtXPhpAvvcgAc3ZjE6GISEhBTVgHUoOyreM+W6CRO2o3s7mfSXRJo7ncvy",
  "Tb+NQSGag99Wh7YBsTbPljsxXm4+pTWfc+o3gAftszdxIYo=",
].join("");

/** Microseconds of sound in one packet. */
export const chimePacketDuration = 20_000;

/** RFC 7845's OpusHead: version 1, two channels, 312 samples to skip, 48 kHz, no gain, mapping 0. */
export const opusHead: Uint8Array = Buffer.from("4f707573486561640102380180bb0000000000", "hex");

let packets: readonly Uint8Array[] | undefined;

/** The packets, in order; play them again and again. */
export function chimePackets(): readonly Uint8Array[] {
  packets ??= split(Buffer.from(encoded, "base64"));
  return packets;
}

function split(bytes: Buffer): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at);
    found.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}
