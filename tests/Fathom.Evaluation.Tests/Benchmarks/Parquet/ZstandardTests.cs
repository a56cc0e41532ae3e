// The frames were made by the zstd command (1.5.4) out of texts that the tests make again by the same rule; they are written down as base64.
using System.Text;
using Fathom.Evaluation.Benchmarks.Parquet.Compression;
using Fathom.Testing.Mutations;

namespace Fathom.Evaluation.Tests.Benchmarks.Parquet;

public sealed class ZstandardTests
{
    // The rule of the text, its length and seed, and the frame.
    public static TheoryData<string, int, int, string> Frames => new()
    {
        { "letters", 1500, 7, "KLUv/QRoHRkAyl14DBLAFdrNUEruLXelbJSI/79fJw7GAL8AvwC2YVSW5NxgyBwDDAZIEoMI6ObhlnSK7H7L0cdIYAvBlghHxB8QduJHmTAGNkaUCq7ZqC5YGfZBgJoujac56iV2PUIarBSgx4pxUrlqEXhAI8nZESV5gFe/eoTLK2GUvEFYotQ13TTDMK/az8Ih5RqJErnCWZ4bVugtiTBBUzrgw6NEQUmqpwU/KceWQwrSY6u+3DR5dgR6f4GrUYMy908bGRV+YzM9Cm0mtYYE+1DBWZ7Pl4I78YYwqFsUV6yqwgNmpEosnAt0Crk0iiGDbQPuGERBoGdwuEovqkd+jLACsp+qTc4ESlKmIhncoRlxCbdkWHJygTrnmVBf1pS++TrMlK7ku9mWypEot5k7gr2NAjIG11V1vGvsPOgTqhuoDY5ikco2VtzhWAucS9BZxoSab6ScQRgX0mQzyh0C5+hGOj2E04nCoS7djUEd3bY+HyoOusW6LEt8Yf1YIfG4kX+YgbTv3tqBlaejFiKzm533yGH9wrO9oZvJRKJaEAX6GKcswddzAUQM8IoJU4+miSCmM00/d2VNsAlEgvl3ouxpi9HckeXggzIC4mAYe2NDpvOfgmH3sizNipTuY2lSdGMhVP11x9LRLakxqyqk7iqc/b768EdAvpF7yxGKkja9zKHxuZ7qEs+0BIY2IWb5CMb3cQVXnflxUcpCZLaDhcl9R15dGcZBmaQRO6KxgKxs+JkU0BTUxYGPtu4YRITmuAgzXXTG/a1iU1ZOB29Yk5NjdjBp7/53X4RTwbzsgeJ9lMdLcloqq/laSgFiOSvD1sjI39/643liCPNUqKg9VzQBMJBq6SZKEndCRHIue18a4qxauQLUd5RDXi5PyYYwwsPgz53ALHE8TE2aQGTgCNHOzRHCsGvRUxG2VwSkUTOxaG75GW3peFTILWVmDpkTsKOzSfITW+PocPEO2kDBmRLRa1AQtMQIHLt1ej1d/NQiqpUZzRYVP6NVAi6Fn2BL4CZv50aELOZMOMP3ShnwRMVz42SfcN4lhMb781nPlZdpXhQCVTVOCQAEuA31" },
        { "letters", 1500, 7, "KLUv/QBIHRkAyl14DBSwFaQN7VBKt72ZpbSUCGYYXDKgAsYAvgC+ALZhVJbk3GDIHAEMBpAkBgno5uGWdIrsfsvRxyiwRbAlwhHxBwg78aNMGAEbI0oF12xUF6wM+yCAmi6NpznqJXY9QhqsDNBjxTipXLUEDtBIcnZESQ7g1a8e4fJKGCUvEJYodU03zTDMq/azcEi5RqJErnCW54YVeksiTNCUDvDhUWJQkuppwU/KseWQQXps1ZebJs+OQO8v4GrUoMz900ZGhd/YTI9Cm0mtIcE+NDjL8/kyuBNvCIG6RXHFqio8wIxUiYVzAXQKuTSKIYNtA+4YxCDQMzhcpRfVIz9G2IDsp2qTMwElKVORBO7QjLiEWzIsObmAOueZUF/WlL75OsyUruS72ZbKkSi3mTvB3saAjMF1VR3vGjsP+oTqAmqBo1ikso0VdzjWgXMJOsuYUPONlBMI40KabEa5Q+Ac3Uinh3A6UTjUpbsRqKPb1udDxUG3WJdliS+sHyskHjfyDzMg7bu3dmDl6aiFyOxm5z1yWL/wbG/oZjKRqBZEgT7GKSv4ei5EBPCKCVOPpokgpjNNP3dlTbAJRIL5d6LsaYvR3JFl4IEyAuJgGHtjQ6bzn4Jh97IszYqU7mNpUnRjIVT9dcfS0S2pMasqpO4qnP2++vAnIN/IveUIRUmbXubQ+FxPdYlnWoGhTYhZPsH4Pq7gqjM/LkpZiMx2sDC578irK8MYKJM0Ykc0DsjKhp/JgKagLgZ8tHXHICI0x0WY6aIz7m8Vm7JyOnjDmpwcs4FJe/e/+yKcBvOyA4r3UR4vyWmpq/laygCxnJVha2Tk72/98TwxhHkqVNSeK5oAMJBq6SZKEndCRHIue18a4qxauQKo7yiHvFyekg1hhIfBn7vALHE8TE1aIDLgCNHOzRHCsGvRUxG2VwRIo2Zi0dzyM9rS8aiQW8rMHDInwI7OJslPbI2jw8U7aAODMyWi12AQtMQIHLt1ej1d/NQiqpUZzRYVP6NVAi6FX7Al4CZv50aELOZMOMP3ShnwRMVz42SfcN4lhMb781nPlZdpXhSBqhqnBAA=" },
        { "letters", 200, 3, "KLUv/QRo1QMAgowdEMC3AWREhrSsLe8k/v9+nThKVWV0dDBsPHzpGeRHRlKBordSrVTZwb7lhtCxcR+3hSTSCVXxFsTSDYNFhd+HZPEOaKV2HbMqo0jbY0FlN24o0xfvpRG5m6qGFOF9IOLx/JbDdVlYuIbUYZOWAPmSbxM6f6TyAgDCa4QF" },
        { "phrases", 3000, 11, "KLUv/QRY9RQA9l1DEbC1DXQkzW0X8Y5OIjMMJ5mqPgA9AD0AZOGn3ARMyEBqenk0W9YZv0N3txRWuoZZE7T6mit5JdWIipwcoUXi2zDwCpBPtLJq4MoW9oQPNNPmIpqvKNa/DTbnk7n1scwwBac/rb9E0eCqbbEYUyT9gVhpT6dElo5npM5va41dD7M4IAtMdv+lD5l0MX1ZqyCDXToRBNG0ZpzoWutGM4NuRFJPYWLYLnr4/BH3FekkBMxmJZMDrcSxhCnEDhPXSFhF1FRxZHYry1W4qYyEVvVWZYRKHA/U2QE8GzbDn3PCzphKwalV7c6IVlamIl7jzm/FsIG7ai99LyFhleQwQ7XzGELcTavgv6bvEaPo9w+ApqjBDomMSEmKkmQ5IEJCCHPuOhIogTCOJUmKZTBKMUSoEozREG2rAVtX7GCVtUa5pGw45WBEMdxd4OHOJ7gCwtDCEmp62fjPzQRJMEOlFaQE++ZcGzD5bTj1Hlmikd1o4FdAAkCYAlaTMIv/iLNE2Zl4KM0xiESIDO1KEH/G/u/fu+aISHhGCt7ztV+r+1+TdgWd/GRdFgzdFweBsAEaTDMcz0ZvhWlSVYnHvV+lLQiWpAZnPo+J0v0A+ICSeYKcsAhqrdMbDh+WrpJ5rEpcmO2Kw874x4IC89EfrdKAAWUUO/wm/G6CFj1E8aGXcXS58h8geS/PB1UwCT2j8NhS6yiumcW3u0+3QsRXCLUc6/hRtg/u6odSBwv+rNCC4QtpR6bVoJNigmImhvhBAk5uV0Wm/iQXTcY5kXSSkOO9OLdxGzBBS2dsb0RyUmITzpGepAuLcVbCmc7cc0tPtOfKFo+6Elx+NXXCUbctC0GvnfkAm7lmK5liBZS2zNIn3y+1+3EM9cH0ReFYCayLGg1JR4Y=" },
        { "phrases", 30, 11, "KLUv/QRY8QAAc2FyZnRldW5udG90IGFobmxlY3d0Y2hhZGlwYXN0PnLOnQ==" },
        { "zeros", 300000, 0, "KLUv/QRoTAAACAABAPz/ORACAgAQAAOfBAAtKN4m" },
        { "letters", 0, 1, "KLUv/SQAAQAAmenYUQ==" },
        { "cycle", 300000, 9, "KLUv/QRYnC0Axrt/EqClbYY6EfiS6aV0Ev3/b/6fIHoAeQB4AKKER7x9+mEqx7haCuP2RX0wblPGgWYmpm+LXfRDWvKVomU7hNqSZu8ehLEMMjCGJUewKDOaW0L8sFovJTztxBxH5xdoNFWG4gLxGQAWbeZZeAbTiERpuUJ3qXstxjHFrgJkgSK79rACOljGsuZ4RtpXMUeqGSZ3FjkBZbTJb8OukLIghmteZTTadY5NlZICly29+pI+FIqmgiTxbGrKhzfxY80TI9RZ3bfSuVcHWTW8IDGDVJXJc7Gh6bQrQg6aGKJnpKx5xSb6cwbPXCWSVE71WRFB7wU4URYehBJb0f0sA5yAgdLysLZig6xyT/K/ERZYAXapytrliAwUWON1bAVo/zHgCSKOGa3QcDeE4vqqel0PDSkWTxG1Ov1Vzh+VW3dHeh4sp2tLAeK3xiVeIfomBqwhQnPZygCEoWdZJoJS+PMwpmXqaGFTPz+BQ3CRQ7O6Ewl4wUqCVs0PlZp+oClbg+M8iMehkuiZXcUkQ6mgrAUvNHKajYkuRvJcP4kmHi0om9uuBKEZV0MIEOUekUSnKmbBq6IbmYf4kKi4nbk8epI8KY5V5TinhJIM5d0afCeJa/3hW8Zj52/6HMcRLDhChyngQ/oDR8bQ5WTT0JxtT/dMA63EkZLRRNCRhISbs6UrqcwBgoqosmmLiIiIJEVJoTAc8g0OUU5KDxKoNQzGMBCDMAyDEEIIIYQQQgghhBAhEV5/RJU+0kO6nz6lx3SQPr//Tjqent4lnaX3jveUvtL5PaX7dOid6Sc9TY90Ix2m0ztOv/dOp+n2Pekj/U6vHtNZOt5JekmX030/00v6Sw/Sz3RKZ+lCepeO0nE6TS+9T3fSqXT7Xrqa3ruSzt6RrnecftJ/79Px3aXj+6az9L6j9DE9pecdprd0JV1PR+k4nabH6Sd9vEO6pcN0Nd1Jl+m8Y+k5XUp/6Uk6lZ7SSzql+9J1+kgH6Xd6nB7SQfpOn95Pt9NVOk9H6WK660+X04n0kN7SQ/rffTohfaZPukh30uN0kh7S5XQonadz+pj+0oV0OD2lj3Qg/aWr9JGO0n/pO32kg/Q/PaeLdJB+vysdptt3p8vpMl3vJf117mE6pYvp6l3SeUfTeXpLt+l4r+lteple0nU6SBfenX7Sl3RPB9LF5G7S4fQqvaWHdLzjdJpeSq/p8Q7p/p10NH2k6+m8H+l6b9MzXaXz9EC6TC/pJX2QjtIlfaT36VQ6T0fpYfpKj+9I59JRepVe6Ss933E6T4/SbbpIT9Ol9JAOl6J31zZ9ejtHddg15DpMygCGOoqq4YTHt9zAZOGmIwmVbfV2EaloqzqI2AJq4/1zwLeqqjM7i02gEiNNR1i9Y1Q+GkPfe9AYpwEphpTRj44pH6CDQWdPZyeOwcwCY4HR4hyWwiO5v71maR2gtkN80jvJZPJFcIjL6xR/B616oKfxC5XRHJ6eyOvjkTVy+O9yHEhjDY3ZCNT0skKKu9ChlNcLvg+wlpMweVL/L02ZjEMTlO9Mmm0CDxbUGGi5H0F+HU+UbAu0w16x2apLf1AK3BKuokiB/fy+ZpJ8F8OtdMIVqqe+GgoKmOz+tAkAvVAzAg45jZsthNFgJ3LcKyqhyuODCfitxbnYkfYlCz0+NBINXZeFhGF1DuxDPOg4HS4bMlosT2A+zacTQP3qmvKOHMAn6Sbitgvkjs1IF2GGrgFfuLoUfK8ATRCkqSvUddCFHMJhXE3GgWWT261bmzfRZCT2YxFZ3Hobcj8kzxo8w7qQNQz7WaGyUTlKlglb0D4pRvkdn8MkHg5dAarJa+siffjSaetHleeRXhrU6fZjwl1FA1hsMw/bbOZciG+7ZB2HR5PDnCBevo7AVoxyuYiDYDhPAoSXvBJdIqKQejQFUl9Q6K+gNE5y0C1cyq4Vm1VYBSQOKLFJCywUAHcfQ0IAQQBCAEROGMK4aCrbzSmo4+N/rjMFXmDFrZQyBoaa0eCgSAyinlUipF5mowiWsDgJFwgM4mUWfTCzFYpQY3DVm0kO1EEpAcWUyuSzWln2gLUfDm3MI4HJpMJW6yT+2KiKOCpXK3YcnKCSwlwagR+/Y8CLP//ljJaaPNM0AsJCQYG7Q1Gn768ElcJFVvGjg8QEChyjKAVRjHsWOVejKISIaiu7VBhYSskjsooUIptveBVwMBArQypT4oUx6ZdJUn6weSiwds8JaygXJAF2qmaOMsWlxzlCTqEawNMs7gFqe4F77O6tr75rocIcLT4kLJQhJOBdFWHTLGpGpF2hcmbwUNXF82fWw7+qlQGCA5hC+AMAEsgXIAQjCMEIQjBC8P8KP5/SS9+7dNJPN530030n3XTSk2566U4//fSjNG9COummk166Djs8kW660kk/fefNm0gvnffpSudduummeyd96d5Jf7rppJ+udNJPP5336Uov3XTeSfd++ulKP/376aaffrrSTz/96aSfjvTTSzed98G1GPwu3XTST5caJ4Clfyf9dNPRxreg9NOVfvrpp5N+OqSfXrrppJ+O9NNLN5300yH99NJNJ/10pJ9euumkn470pZduOumnI/300k0n/XSkn95000k/Hemnl2466acj/fTSmU766Ug/vXTTST8d6aeXbjrST0f66aWbTvrpSD+9dNNJfzrSTy/ddNJPR/rppZtO+tKRfnrpppN+OtJPL9100k+H9+mm8y6d9NN5L91076eTfjrSn1666aSfjvTTSzed9NORfnrSTSf9dKSfXrrppJ+O9NNLZzrppyP99NJNJ/10pJ9euulKPx3pG6HcJ20GANIIFxOwJW3gSLa3nexyW5IoJ0lAMqACaKzUNFnYCwUrFCPnxnF0wzNtZWwytHG0UzJhAzoQnFJ0f/UuvY83Z7xS4tYmc4NVJOo4qd6rT6tIAF4rAyoil/au7ZHCIFABgI1YAQASaBf8//8nBP0BS7rppJ9uOumk/z79dN+ll36699JJ91466aaTTvrpp59++u/TTzeddNJP/3666aSTfvrpp59++umnn37679N/l1466aZ7L/276aWTbjrv0ks3nXTST/9+uumkk376RvMiBRSG" },
        { "cycle", 300000, 9, "KLUv/QBoVBkApqBIEqClbYY6EfiS6aV0Ev3/b/6fIEQAQQBDACXED6v1UsLTTsxxdH6BRlNlKC4QnwFg0WaehWcwjUiUlit0l7rXYhxT7CpAFiiyaw8roINlLGuOZ6R9FXOkmmFyZ5ETtmKDrHJP8r8RFliihEe8ffphKse4Wgrj9kV9MG5TxoFmJqZvi130Q1rylaJlO4TakmbvHoSxDDIwhiVHsCgzmhs9vImfUGd130rnXh1k1fCCZJCqMnkOTaddEYImhugZKWtesYn+nDFXiSSVU31WRNB7AU6UhQehxFZ0P8sAJ2CgtDxsz1CyMiPspQUFb1Nzu85xqEOzuhMJeMFKglbND5WaHk3ZGhxn4nGodMOKa15Gu86xqVJS4LKlV1/Sh0LRlHg2NQGA56jRWREJIkk5SaEwHJAmEhmymnQSqDERjGEoBmEoCoEYBGEQiDFGEUQQUYYQ4fUD3Cnw7ytDpztV3hekNr3s6vgdCfh97lb6d+p9ygimF+3fZXpJ711NL4O/b2qb7tNId9+L7enyPRvwPu7UdH83XZ+TrsdN13el+6XfV4ZPd2ilK9rSFe10RVa6oPh97obpk50uNqS3eToATYcD7zQdm0kn0ekcnA4mpLN4OvBOhdMRbDocpQNw0l2l9BZPB6DpcCCdCFh9d2jWWINJQ+mhUVG3hFnMt8+ijhzna70qvvQcPQAEv4CCNfTKmynowK6oBK09oLSORUeHh9vu7ewtDH5ZHyw1uTh7NPIOK96dMk/V/xt5mSueD/RC8miPDONBFqTSeBh6oXVJ5cTaytQOMlKWgwWHAQ0/OesrWVUfHcjeDQ27yvEyiYvdA6RVqu6AKXzCLqCNS1Bo0CReDh9hM8ohxD0ZHMTfCk33IiXwzL6vY5Tt1YWQgbFS83ZM0VFDnx0RMeAu3QiPX0OzMKa9CwLZXVkGbVxWzYFh8ks3pxOUj9hfGCI+z7boYFMsvVPrU/GP7TbyUqL1k5O4ktd5efK64kRa/UOvBn2aZxm1FtDxxLitNHfDgQMhbcbb4XZv2DIg7x9OrAtDVSoaROE5uj9Tah5GIu5gdJlfFU1Tlc4fHRgqfBUAY8sWziLSjkZpp2VdFDHwT5C5EqCaRFiuLo+pv0vKPKJylMic1Wm7F9rrj0MMg45+Bksmnu8jrCOEoknIz5zmUvURxFFY+IcjZ1TP4L1+hwR7RNErj3qnU6gN+LWoCIDnqIA+Ma3wElFOexJQEvz//8/9AUp74Hqf/NI7vQ/u+n28lPcxtb4PU8f79lS98335Ve8rmnhf9ep9ITneR5AqYSB9u+Yc+z4vlZ3UI63x7J2/b2H6vivI+85Rvm/G5n3vA3f+PsqIDjl35SeDO3gfL9X7Pom80/s6oO9La3hffun7imbwoEdNfu37TH3kHHeeIRMkeJ9z1Ptig9JVLrGX6n17ivctjHrfFcz7dEDf+ftwJ+8jSHgfZeh94C7fN+x7N+8LUt7XeP59HZD3pTV5H1PnfRYm36cMDtqVMVgxU+998ovvq14pvdlgU+d9n4Te99J/354CMIg/7n3c3ftQhr8Pd61oXmXniO/M+8o448UGxxkWpN7XeO59cBfvjPe5q/fpAPw+ZfA+C3Pel195Z++7+/uGnb1var/vk+D7BOnvFk94Zky97+PO3ocy4H0L87up9N2JvK966X1lpPfFBt5HGXrXT98d//u8dP8+d32fDoD3dcDfTbrH+86xeN+d7xt28z5T831wd+nn75ye+nlP7z4d+r78uvSBDkzmw3CXd58ueZ8gFU7fneZ9XkrfFyS8m3Sf9y1MOX13gt93jvQ+ZfBuTxe8jzJK6buzeB/cEe+bOu84Xer7OuBN393K+/Krvo+7vEPp0u8zNSt9d1fvE6TyvjLi+17K6ZHfm/7rfQuzd32X0kFTH+7wfeV9lPGN9xm0dOj3BYnSA34v8/EEnQ79fcrA6depz9T4/vtdp1N/39SZLtb7XurpBu90uqD3cXfpoN+HO5heU3gjbBgA448gaVVDeT5SCkhfoD2fe90rVbYcYUXwqCZMWClmTv1pxTfT1BMaOlgQxXidCkJ1uUYpR03RhwIgKSxCYVxZTk/UR7SUVmbTQh3QSUxWe/BYCTozH6VJ8R9A75+WpAeVCBxWe3SGqcv+oIzXRNGXMoLpESheRG6DlB8CFOUGMwwO9aSAS4HXqOH9AX69pgMS+P//f+J+Jbnx053ffY97v9347Y7f7vx2559hAFf0y40f3fjdnZ/u/HbPb3d+u/OrO39+T+9067c7/vsut36787s7v9357Z7f7vx251d3frvz/3e56fffc++3G7//Pfd+u/G7+0A8u/O7e0A8u/O7O7/d+eO73PTbnd/u/O7Ob3d++z13/Xbjtzu/u/P/7wnGdaUf7vjpzo9u/DeM56p+uPP7d7n3Qzd+u/PLd3Hrtzu/3fHbnT++y63f3fntzm93/PPdete932749/sGo/KVDcO40i9u/OjGb3f8dOe3O7/d89ud3+787s5vd36757c7/32XW7+689ud3+757c5vd35157c7v93z253f7vzuzm93frvzuzu/3fntjt/u/HbnV3d+u/PbPb/d+e3O7+78+V1u/XbHb3d+u/OrO7/d+ee73PTbnd/u/O7Ob3d+u+O3O7/d+e2O3+78dudXd36789sdv9357c7v7vx257d7frvz253f7vntzm93fnXntzu/3fHbnd/u/O7Ob3d+u+e3O7/d+e2e3+78dudXd3678993c+u3O/9/l5t+u/PbnV/d+e3O/9/lpt/u/HbnV3f++i63frvjtzu/3fnVnd/u/Hbnd3d+u/PbHb/d+e3Or+78/d15171f3fjN99z793sBw7uiX+788YfZ3eKqX9z56c5v9/x257c7v7rz33e59ed3uem3O7/d+d2d3+78ds9vd36787s7v9357Y7f7vx257d7frvz251f3fnN99z71Y3ffM+932747c5vd/4Cvq/fV/c+cNffif0+L1X5faq32vfpgIrfZ9grfV9ai+/EfN85qv++GVvZ9w27Ig2bBMUHAGJEDRHAtwFgJFlsGm83SuH/5343AyZqmylDkXetNLLZTanKhYj35L9DE5ZyranXvcNATQDOuwVPgIr4Evj//19B+wNBbvx051d3frvzuzu/3fnVnd9/z73fbvn9e9z77cY/wwCu9MsNfwxDudpvbvx053d3frvzqzu/3fndnd/u/OrO777n3l/f4dav7vz1fYLxrtoPd36657c7v93z253f7vntzm/3/Hbntzt+u/PbHb/d+fX33Pvld9z1243f7vk/DOJK/wbDcaVfbvnpxk+3/HTjp99x62d3frvzuzu/3flHGMSVfrnhRzd+u+enO7/d8fsjdIIE" },
        { "phrases", 9000, 5, "KLUv/QRY5SQAFl9GErAlbe1IErc7MYvflGSSRMcAGEAAPwBCABgYsYu9kig3of9uyYSAaFtYjbiB7nlFTgMNyOVQCy+650c57UwQEVG804ES3St0d0m9ksr0K2K8NN7A9oSelgGGU3YrN8chg/dHazoaOtwcJw69/aRVYQHnU+Xrg3PksCPF3QXx2uOn2SI8dElz0JvXvXRADXWE9WRPwtAuGgOpgqwwwl2PIiiYkkROTTYwLgGwAj0kIczQp0Vu3GENIVCoNyxX4m4qfCA8WpF4wl4ahC5sECx+NFuLSaYdI6z+mhrk24QyW866XggpTLOF8URQ+ZJ4wNim7BKe88psJGPKeKfry4jwCsFSdBxSYO5OHtQZOz7eqEEChIkZVB6dLwGBi6jhzoiISFFKUlAodCEECYJxNO2tBxLoYCgIojCKwRgKgjgGwiBGIYYYY45VtawBw90bYJJEr9F5Mi0Vj/28FAxLJFRO5G2sMl7i++0xYUdbwsBYQyXEjil59uBKSlXLDhMAbSBB9oueU9Y2UGKuByUVg3Z7vQoygwNBby5LRbbRmxKBhQoZkCg/mY3LIIOEmLmbaCifgvKxIYzoaRTzpfOgDG7zxU62arx4hJFB1YCaBZiYoJRixVtddUCf7xP9J0tpnbWO2hhLuMTYkCBJV0mkmf/gKL4Jp4+GF2FYq0/dBq0nyN+zI8ex5gwU+3k2TImwClYO8r3cLvQImXeqlHK3sqqoliHEXnzNB+gMnfOkvc5wBCuhlDoBndzR6hjuGXc+50K2ODEZk7doha8/yj+1BMyFkPjKhkKIfEuvxYvJ7g/TYhXGq9HSFOViHWC0uGJJIZp6gmKFujvrlMqvwHH/B/DNZxx5DtgP+RqmUEkbNn3EIqhIolz78Km67D9IdAb/zLfb8mhoNeoToB1OY1GwXYJa7QLSoSx1SpN4ymQUYws9txFv0h2iYID2tnSOw1bRaJKs1KdAlWxZvkANm2cYatOemLO9MIIvMlYwM24zUX1Y3KdoEJ9fcT1RI0GuGTPxLcPKBhHPk2wW0t2GFzj1mb6PDiknHYAAUeIzwmFZ3l+DcDRmoN2WSeAOJhScRAqojpBS/UEkSj2Fmrh2XkoUv1DkYmA5tIzFLeDiOqhemSQqgn34Y5Pb6KvevWZkTInaBQ3q0AedCfAmCxZyN4Vb4DEr1pkCoIP+YKocvo4b5XmG5TpFaqW/tBL4fHE83pIxizJzkl0FEJhxuYtJ5zk9nFxospUDSZIy/phBU6MtBBoDBFQgGL0E4mBAMsO+QNpP9Airy4VbqP24UivXZgffEYBeIPy0BeDkccKMa+gXCsKjq2F6SmNIhUk8QHgOUG7O4hxOJ4z/dsqppiyfyxafSkFcXTiqJj8LEK18oNN7EKY/QUiKzCDGlbL2NkDb3Z7VFuyi/iOd+bpbAGrh/e2+UiMVsBPv9IDZVvtyIF58OU2VntXG+yECbq75dI1e5Rp1oGqGv9hRE7WWzFrYjcurYmL3FAYImcFIwi+my6mNVQ2ugtuKGPtRGmO+lMXTPNJDCxfqAntjVW5Iqn9kVYvfPaqBW0ImNIeiiBpCFXA41QM=" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void Frame_UnpacksToItsText(string rule, int length, int seed, string frame) =>
        Assert.Equal(Text(rule, length, seed), Zstandard.Decompress(Convert.FromBase64String(frame), length));

    [Fact]
    public void FramesOneAfterTheOther_WithOneToSkip_AreAllUnpacked()
    {
        byte[] first = Frame("letters", 200), second = Frame("phrases", 30), skipped = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9];
        Assert.Equal([.. Text("letters", 200, 3), .. Text("phrases", 30, 11)], Zstandard.Decompress([.. first, .. skipped, .. second], 230));
    }

    [Fact]
    public void MoreThanExpected_IsRefused() => Assert.Throws<InvalidDataException>(() => Zstandard.Decompress(Frame("zeros", 300_000), 299_999));

    [Fact]
    public void DamagedChecksum_IsFound()
    {
        byte[] frame = Frame("phrases", 3000);
        frame[^1] ^= 1;
        Assert.Contains("checksum", Assert.Throws<InvalidDataException>(() => Zstandard.Decompress(frame, 3000)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xFF, 1, 0, 0 }, "window")] // 2^41 bytes and more
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x21, 7, 0, 1, 0, 0 }, "dictionary")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x08, 0, 1, 0, 0 }, "unknown form")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0 }, "more than are expected")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0, 7, 0, 0 }, "unknown kind")] // block kind 3
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0, 0x0B, 0x10, 0, 0 }, "more than the 400 bytes")] // 513 times a byte
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0, 0x0B, 0x20, 0, 0 }, "a block of 1025 bytes, where 1024")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F }, "too early")]
    [InlineData(new byte[] { 1, 2, 3, 4, 5 }, "no frame begins")]
    public void BrokenHead_IsRefused(byte[] frame, string fault)
    {
        string message = Assert.Throws<InvalidDataException>(() => Zstandard.Decompress(frame, 400)).Message;
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    // Frames without a checksum, so that damage reaches every table.
    [Fact]
    public void DamagedFrames_AreUnpackedOrRefused_WithinBounds()
    {
        var trial = new ReaderTrial(typeof(InvalidDataException));
        var random = new Random(11);
        foreach (byte[] whole in (byte[][])[WithoutChecksum("letters", 1500), WithoutChecksum("cycle", 300_000)])
        {
            for (int i = 0; i < 3000; i++)
            {
                byte[] damaged = i < whole.Length ? whole[..i] : [.. whole];
                for (int change = random.Next(1, 4); change > 0 && i >= whole.Length; change--)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                trial.Try($"{i}", () => Zstandard.Decompress(damaged, 400_000), damaged);
            }
        }
        trial.AssertKept();
    }

    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    public void XxHash64_HasItsPublishedValues(string text, ulong hash) => Assert.Equal(hash, XxHash64.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Crc32_HasItsPublishedValue() => Assert.Equal(0xCBF43926, Crc32.Of("123456789"u8));

    static byte[] Frame(string rule, int length) => Convert.FromBase64String((string)Frames.First(row => (string)row[0] == rule && (int)row[1] == length)[3]);

    static byte[] WithoutChecksum(string rule, int length) => Convert.FromBase64String((string)Frames.Last(row => (string)row[0] == rule && (int)row[1] == length)[3]);

    static byte[] Text(string rule, int length, int seed) => rule switch
    {
        "letters" => Letters(length, seed),
        "phrases" => Phrases(length, seed),
        "cycle" => Cycle(length, seed),
        _ => new byte[length],
    };

    // Letters of unlike frequency, drawn by the linear congruential generator of the C standard's example.
    static byte[] Letters(int length, int seed)
    {
        var text = new byte[length];
        long x = seed;
        for (int i = 0; i < length; i++)
        {
            int a = Draw(ref x) % 20, b = Draw(ref x) % 20;
            text[i] = "etaoinsh rdlucmfwypg"u8[Math.Min(a, b)];
        }
        return text;
    }

    // Pieces of twelve phrases, and now and then six letters of their own.
    static byte[] Phrases(int length, int seed)
    {
        byte[][] phrases = [.. Enumerable.Range(0, 12).Select(i => Letters(40, seed + i))];
        List<byte> text = [];
        for (long x = seed; text.Count < length;)
        {
            int k = Draw(ref x);
            text.AddRange(k % 97 != 0 ? phrases[k % 12][..(5 + (k >> 4) % 35)] : Letters(6, (int)x));
        }
        return [.. text[..length]];
    }

    // The same again and again, with a letter changed now and then: several blocks.
    static byte[] Cycle(int length, int seed)
    {
        byte[] phrases = Phrases(3000, seed), letters = Letters(length / 499 + 1, seed);
        return [.. Enumerable.Range(0, length).Select(i => i % 499 == 0 ? letters[i / 499] : phrases[i % 3000])];
    }

    static int Draw(ref long x)
    {
        x = (x * 1103515245 + 12345) % (1L << 31);
        return (int)(x >> 16);
    }
}
