/**
 * What kind of network an autonomous system is: a small list of well-known ones. Whoever is
 * missing is `unknown`; operators add more by feeds. Facts from public knowledge, each group
 * with its source in words; the names are for the reader, alerts show the table's.
 */
import type { NetworkClass } from '../model/event.ts';

interface Group {
  readonly class: NetworkClass;
  readonly source: string;
  readonly systems: readonly (readonly [asNumber: number, name: string])[];
}

export const classGroups: readonly Group[] = [
  {
    class: 'vpn',
    source: 'companies that sell VPN access under their own number, by their registry entries',
    systems: [
      [209854, 'Surfshark'], [136787, 'PacketHub (NordVPN)'], [207137, 'PacketHub (NordVPN)'], [147049, 'PacketHub (NordVPN)'],
      [141039, 'PacketHub (NordVPN)'], [39351, '31173 (Mullvad)'], [216025, 'Mullvad'], [209103, 'Proton VPN'], [199218, 'Proton VPN'],
      [203619, 'IVPN'], [397540, 'Windscribe'], [206092, 'F.N.S. Holdings (VPN exits)'], [213163, 'Free Unlimited VPN'], [397282, 'Castle VPN'],
    ],
  },
  {
    class: 'vpn',
    source: 'hosting companies whose address space is mostly rented to VPN sellers: named by public VPN lists such as X4BNet\'s',
    systems: [
      [9009, 'M247'], [212238, 'Datacamp'], [60068, 'Datacamp (CDN77)'], [11878, 'tzulo'], [46562, 'Performive'],
      [137409, 'GSL Networks'], [205016, 'HERN Labs'],
    ],
  },
  {
    class: 'tor',
    source: 'associations that run Tor exits on their own number, as they say on their pages',
    systems: [
      [60729, 'Stiftung Erneuerbare Freiheit'], [208323, 'Foundation for Applied Privacy'], [205100, 'F3 Netze'], [62744, 'Quintex'],
      [396507, 'Emerald Onion'], [401401, 'Unredacted'], [215125, 'Church of Cyberology'], [198093, 'DFRI'], [4224, 'Calyx Institute'],
    ],
  },
  {
    class: 'hosting',
    source: 'the large clouds, from their published address ranges',
    systems: [
      [16509, 'Amazon'], [14618, 'Amazon'], [8987, 'Amazon'], [7224, 'Amazon'], [15169, 'Google'], [396982, 'Google Cloud'], [19527, 'Google'],
      [8075, 'Microsoft'], [8068, 'Microsoft'], [8069, 'Microsoft'], [31898, 'Oracle'], [45102, 'Alibaba'], [37963, 'Alibaba'],
      [132203, 'Tencent'], [45090, 'Tencent'],
      [55990, 'Huawei Cloud'], [136907, 'Huawei Cloud'], [36351, 'IBM Cloud'], [135377, 'UCloud'],
    ],
  },
  {
    class: 'hosting',
    source: 'companies that rent servers, by their own description',
    systems: [
      [16276, 'OVH'], [35540, 'OVH'], [24940, 'Hetzner'], [213230, 'Hetzner'], [212317, 'Hetzner'], [14061, 'DigitalOcean'],
      [63949, 'Linode (Akamai)'], [48337, 'Linode'],
      [20473, 'Vultr (Constant)'], [12876, 'Scaleway'], [51167, 'Contabo'], [40021, 'Contabo'], [60781, 'Leaseweb'], [28753, 'Leaseweb'], [30633, 'Leaseweb'],
      [59253, 'Leaseweb'], [394380, 'Leaseweb'], [395954, 'Leaseweb'], [8560, 'IONOS'], [47583, 'Hostinger'],
      [29802, 'Hivelocity'], [61317, 'Hivelocity'], [23352, 'Deft'],
      [32244, 'Liquid Web'], [26496, 'GoDaddy'], [398101, 'GoDaddy'], [27357, 'Rackspace'], [19994, 'Rackspace'], [33070, 'Rackspace'], [197540, 'netcup'],
      [41436, 'Kamatera'], [36007, 'Kamatera'], [9370, 'Sakura'], [46475, 'Limestone'], [36352, 'HostPapa (ColoCrossing)'],
      [53667, 'FranTech (BuyVM)'], [8100, 'QuadraNet'],
      [40676, 'Psychz'], [55286, 'B2 Net (ServerMania)'], [29066, 'velia.net'], [44066, 'firstcolo'], [62563, 'GlobalTeleHost'],
      [3223, 'Voxility'], [25369, 'Hydra'],
      [21100, 'Green Floid (ITL)'], [42831, 'UK Dedicated Servers'], [206264, 'Amarutu'], [49981, 'WorldStream'],
      [43350, 'NForce'], [49453, 'Global Layer'], [57043, 'HOSTKEY'],
      [55293, 'A2 Hosting'], [22612, 'Namecheap'], [54825, 'Packet (Equinix Metal)'], [25820, 'IT7'], [197695, 'REG.RU'],
      [49505, 'Selectel'], [9123, 'Timeweb'],
      [200019, 'AlexHost'], [200651, 'FlokiNET'], [210558, '1337 Services'], [51852, 'Private Layer'], [202425, 'IP Volume'],
      [199524, 'G-Core'], [9312, 'xTom'],
    ],
  },
  {
    class: 'provider',
    source: 'networks that call or carry on behalf of many customers (content delivery, security gateways, software as a service), by their own description',
    systems: [
      [13335, 'Cloudflare'], [209242, 'Cloudflare'], [54113, 'Fastly'], [20940, 'Akamai'], [16625, 'Akamai'], [19551, 'Imperva'],
      [36459, 'GitHub'], [14340, 'Salesforce'],
      [62044, 'Zscaler'], [53813, 'Zscaler'], [22616, 'Zscaler'],
    ],
  },
  {
    class: 'isp',
    source: 'the large access networks of their countries, by their own description',
    systems: [
      [7922, 'Comcast'], [7018, 'AT&T'], [701, 'Verizon'], [20115, 'Charter'], [20001, 'Charter'], [11427, 'Charter'], [22773, 'Cox'], [21928, 'T-Mobile US'],
      [812, 'Rogers'], [577, 'Bell Canada'], [852, 'Telus'], [3320, 'Deutsche Telekom'], [3209, 'Vodafone DE'], [31334, 'Vodafone DE'], [6805, 'Telefonica DE'],
      [3215, 'Orange'], [12322, 'Free'], [15557, 'SFR'], [5410, 'Bouygues'], [2856, 'BT'], [5607, 'Sky UK'], [5089, 'Virgin Media'], [3352, 'Telefonica ES'],
      [12479, 'Orange ES'], [3269, 'Telecom Italia'], [30722, 'Vodafone IT'], [12874, 'Fastweb'], [1267, 'Wind Tre'],
      [3303, 'Swisscom'], [1136, 'KPN'], [5432, 'Proximus'],
      [3301, 'Telia'], [2119, 'Telenor'], [5617, 'Orange PL'], [8708, 'Digi RO'], [9121, 'Turk Telekom'],
      [47331, 'Turk Telekom'], [12389, 'Rostelecom'], [8402, 'Vimpelcom'],
      [8359, 'MTS'], [4134, 'China Telecom'], [4837, 'China Unicom'], [9808, 'China Mobile'], [4713, 'NTT'], [2516, 'KDDI'], [17676, 'SoftBank'], [4766, 'KT'],
      [9318, 'SK Broadband'], [3786, 'LG'], [1221, 'Telstra'], [4804, 'Optus'], [55836, 'Jio'], [24560, 'Airtel'], [9498, 'Airtel'], [45609, 'Airtel'],
      [28573, 'Claro BR'], [27699, 'Vivo BR'], [26599, 'Vivo BR'], [8151, 'Telmex'],
    ],
  },
];

/** Class by AS number. */
export function builtInClasses(): Map<number, NetworkClass> {
  return new Map(classGroups.flatMap((group) => group.systems.map(([asNumber]) => [asNumber, group.class] as const)));
}
