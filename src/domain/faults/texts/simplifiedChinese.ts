import type { FaultCode } from "../catalogue.ts";
import type { FaultText, LanguageWords } from "../fault.ts";

export const SIMPLIFIED_CHINESE_WORDS: LanguageWords = {
  name: "简体中文",
  accepts: /^zh(?!.*-(?:hant|tw|hk|mo)\b)(-|$)/,
  why: "原因",
  act: "处理",
  meant: "或许",
  colon: "：",
  title: "错误",
  about:
    "Stampbook 可能给出的全部错误代码，按目录顺序排列。花括号中的词代表给出的值。命令行会打印代码、消息、原因和处理办法；`stampbook errors explain CODE` 给出此处的内容；HTTP 响应在 `additionalInfo` 中给出原因、处理办法和链接。",
  refusals: "八种拒绝，按优先顺序",
  refusalsAbout:
    "当一个请求有多种理由被拒绝时，以其中最靠前的一种作答。设置 `refusalStatuses` 可以更改它们的 HTTP 状态。",
  others: "其他错误",
  kind: "类别",
  status: "HTTP 状态",
  statusChosen: "由本服务器的运营者指定",
  target: "目标",
  message: "消息",
  cause: "原因",
  remedy: "处理",
  provoke: "如何触发",
  allCodes: "全部代码",
};

/** Messages, causes and remedies in Simplified Chinese, in the catalogue's order. */
export const SIMPLIFIED_CHINESE: Record<FaultCode, FaultText> = {
  RegistrationNotFound: {
    message: "订阅“{subscription}”的资源组“{resourceGroup}”中不存在注册“{registration}”。",
    cause: "订阅、资源组或注册名称所指的注册并不存在。",
    remedy: [
      "列出已有的注册：stampbook registrations list",
      "将您的部署单元（stamp）的云 ID 与列表对照，使用该行中的订阅、资源组和名称。",
    ],
    provoke: "在从未注册过的注册名称下映射租户。",
  },
  CustomerSubscriptionsNotAllowed: {
    message: "注册“{registration}”使用计费模式“{billingModel}”；只有 PayAsYouUse 才有客户订阅。",
    cause: "容量计费和离线的部署单元不按用量收费，因此其租户没有付费订阅。",
    remedy: [
      "如果该部署单元应按用量收费，请用计费模式为 PayAsYouUse 的令牌重新注册。",
      "否则不要映射：用量会被记录，但不收费。",
    ],
    provoke: "在以计费模式 Capacity 注册的部署单元上映射租户。",
  },
  UnauthorizedCspRegistration: {
    message: "注册“{registration}”尚未获准使用多租户；其审批状态为“{approval}”。",
    cause: "注册必须先获批准才能映射租户，以免误向他人收费。",
    remedy: [
      "提出申请：stampbook approvals request {registration}",
      "由审批人批准：stampbook approvals approve {registration}",
    ],
    provoke: "注册部署单元之后、获批之前就映射租户。",
  },
  InvalidCustomerSubscriptionId: {
    message: "“{customerSubscription}”不是已知的订阅。",
    cause: "该 ID 不是 GUID，或者合作伙伴目录中没有该 ID 的订阅。",
    remedy: [
      "对照合作伙伴目录检查 ID 是否有误：stampbook catalogue list",
      "如果是新订阅，请先加入目录：stampbook catalogue import 文件",
    ],
    provoke: "将租户映射到任何订阅都没有的 ID。",
  },
  MetadataResolverBadGatewayError: {
    message: "无法向上游订阅服务查询“{customerSubscription}”：{reason}。",
    cause: "合作伙伴目录不认识该订阅，而 resolverUrl 所指、可能认识它的服务出错或未及时应答。",
    remedy: ["请一分钟后重试；没有存储任何内容。", "如果持续如此，请检查 resolverUrl 所指的上游服务。"],
    provoke: "将 resolverUrl 指向返回 503 的服务，并映射只有它知道的订阅。",
  },
  InvalidCSPSubscription: {
    message: "订阅“{customerSubscription}”的产品类型为“{offerType}”，不是 CSP 订阅。",
    cause: "只有通过云解决方案提供商购买的订阅才能为租户的用量付费。",
    remedy: ["请使用该客户的 CSP 订阅：stampbook catalogue list", "如果客户没有，请在合作伙伴中心创建并加入目录。"],
    provoke: "将租户映射到产品类型为 EA 的订阅。",
  },
  BadCustomerSubscriptionId: {
    message: "订阅“{customerSubscription}”不能为注册“{registration}”的用量付费：{reason}。",
    cause: "客户订阅必须与注册属于同一合作伙伴（若由经销商注册，则还须属于同一经销商）、处于启用状态，并且用小写书写。",
    remedy: ["请使用拥有该注册所用订阅的合作伙伴名下的客户订阅。", "ID 请用小写，与合作伙伴目录所列完全一致。"],
    provoke: "将租户映射到另一合作伙伴的 CSP 订阅。",
  },
  CustomerSubscriptionNotFound: {
    message: "客户订阅“{customerSubscription}”未映射到注册“{registration}”下。",
    cause: "该注册没有租户映射到此订阅；可能已被移除或被替换。",
    remedy: [
      "列出已有映射：stampbook tenants list {registration}",
      "进行映射：stampbook tenants map {registration} {customerSubscription}",
    ],
    provoke: "查询从未映射过的客户订阅。",
  },

  AuthenticationFailed: {
    message: "身份验证失败。{reason}",
    cause: "请求没有说明由谁发送。",
    remedy: ["请先登录，并在请求头中发送令牌：Authorization: Bearer TOKEN", "查看各工具的登录方式：stampbook connect"],
    provoke: "不带 Authorization 请求头调用任意路由。",
  },
  AuthorizationFailed: {
    message:
      "客户端“{client}”（对象 ID“{objectId}”）无权对范围“{scope}”执行操作“{action}”，或该范围无效。如果刚刚授予了访问权限，请刷新凭据。",
    cause: "在此范围或其上级范围内，您没有允许此操作的角色。",
    remedy: [
      "请所有者授予允许此操作的角色：stampbook access grant --role ROLE --to {objectId} --scope {scope}",
      "查看您的权限：stampbook access list --of {objectId}",
    ],
    provoke: "使用读者角色的凭据映射租户。",
  },

  InvalidAuthenticationToken: {
    message: "访问令牌无效：{reason}。",
    cause: "Authorization 请求头中的内容不是令牌、已被改动，或者来自此处不信任的颁发者。",
    remedy: [
      "重新登录并发送新的令牌：stampbook connect",
      "如果令牌由其他身份提供方颁发，请在设置 oidcIssuers 中加入该提供方。",
    ],
    provoke: "发送请求头 Authorization: Bearer abc",
  },
  ExpiredAuthenticationToken: {
    message: "访问令牌已于 {expiredAt} 过期；现在是 {now}。",
    cause: "令牌的有效期约为一小时；也可能是颁发者的时钟不准。",
    remedy: ["重新登录并发送新的令牌。", "如果消息中的时间不合理，请检查双方的时钟。"],
    provoke: "发送昨天的令牌。",
  },
  InvalidAuthenticationTokenAudience: {
    message: "访问令牌的受众是“{audience}”，不是此服务器。",
    cause: "令牌会说明供谁使用，而此令牌供另一项服务使用。",
    remedy: [
      "请为此服务器的 URL 或 https://management.azure.com 申请令牌。",
      "如果您的工具使用其他受众，请将其加入设置 audiences。",
    ],
    provoke: "发送为另一项服务颁发的令牌。",
  },
  InvalidAuthenticationTokenTenant: {
    message: "访问令牌来自错误的目录“{given}”，必须来自目录“{expected}”。",
    cause: "订阅或受信任的颁发者属于某一个身份目录，而此令牌来自另一个目录。",
    remedy: ["请登录消息中的目录；登录地址见响应头 WWW-Authenticate。"],
    provoke: "用一位客户的目录的令牌访问另一位客户的订阅。",
  },
  IssuerUnavailable: {
    message: "无法向身份提供方“{issuer}”索取密钥：{reason}。",
    cause: "检查令牌需要其密钥，而它没有应答，或者应答了别的内容。",
    remedy: ["一分钟后重试。", "如果仍然如此，请检查该提供方和设置 oidcIssuers。"],
    provoke: "在 oidcIssuers 中填写一个已停止的服务，并发送带有其名称的令牌。",
  },
  SignInFailed: {
    message: "在 {server} 登录被拒绝：{reason}。",
    cause: "服务器不接受此命令所用的客户端 ID 和机密。",
    remedy: [
      "检查 STAMPBOOK_CLIENT_ID 和 STAMPBOOK_CLIENT_SECRET。",
      "在服务器所在的机器上创建新的凭据：stampbook credentials create --role ROLE --scope SCOPE",
    ],
    provoke: "使用 --server 并给出错误的 STAMPBOOK_CLIENT_SECRET。",
  },
  CredentialNotFound: {
    message: "没有凭据“{clientId}”。",
    cause: "客户端 ID 或用户名有误。",
    remedy: ["列出凭据：stampbook credentials list"],
    provoke: "吊销从未创建过的凭据。",
  },
  CredentialExists: {
    message: "客户端 ID 或用户名“{clientId}”已被占用。",
    cause: "名称只使用一次，即使其凭据已被吊销：它所做的一切都记录在该名称下。",
    remedy: ["请另选名称；查看已有的名称：stampbook credentials list"],
    provoke: "用同一名称创建两次用户。",
  },

  InvalidRegistrationToken: {
    message: "无法读取注册令牌：{reason}。",
    cause: "令牌是 JSON 对象的 Base64 形式，其中至少包含 cloudId 和 billingModel。",
    remedy: ["在部署单元上生成新令牌，并原样作为一行传入。"],
    provoke: "用令牌“abc”注册部署单元。",
  },
  CloudIdUpdateNotAllowed: {
    message: "注册“{registration}”属于云 ID“{known}”，不能改给“{given}”。",
    cause: "注册永远属于其部署单元，因为用量属于该部署单元。",
    remedy: ["请用另一个名称注册另一个部署单元。"],
    provoke: "用第一个部署单元的名称注册第二个部署单元。",
  },
  CloudIdAlreadyRegistered: {
    message: "云 ID“{cloudId}”已经注册。",
    cause: "一个部署单元只有一个注册；第二个注册会使用量被计算两次。",
    remedy: ["请使用现有的注册：stampbook registrations list"],
    provoke: "用两个名称注册同一令牌。",
  },
  InvalidApiVersionParameter: {
    message: "api-version“{version}”无效。支持的版本为“{supported}”。",
    cause: "api-version 是一个日期，其后可以带 -preview、-alpha、-beta、-rc 或 -privatepreview。",
    remedy: ["请使用消息中列出的版本之一：?api-version=2022-12-01"],
    provoke: "用 api-version=latest 列出订阅。",
  },
  SubscriptionNotFound: {
    message: "找不到订阅“{subscription}”。",
    cause: "合作伙伴目录中没有此 ID 的订阅，或者该订阅已被删除。",
    remedy: [
      "请检查 ID 是否有拼写错误：stampbook catalogue list",
      "如果订阅是新的，请将其加入目录：stampbook catalogue import FILE",
    ],
    provoke: "列出目录中不存在的订阅的注册。",
  },
  ReadOnlyDisabledSubscription: {
    message: "订阅“{subscription}”处于“{state}”状态，因此为只读；在其恢复为 Enabled 之前，不能写入任何内容。",
    cause: "处于警告、逾期或禁用状态的订阅只允许读取和删除其资源。",
    remedy: ["请恢复该订阅，并在目录中记录：stampbook catalogue put {subscription} --state Enabled"],
    provoke: "在状态为 Disabled 的订阅中注册一个 stamp。",
  },
  MissingSubscriptionRegistration: {
    message: "该订阅未注册使用命名空间“{namespace}”。有关如何注册订阅，请参阅 https://aka.ms/rps-not-found。",
    cause: "每个订阅在使用资源之前，需要先启用一次资源提供程序。",
    remedy: ["请注册：az provider register --namespace {namespace}"],
    provoke: "在从未注册该命名空间的订阅中注册一个 stamp。",
  },
  ResourceGroupNotFound: {
    message: "找不到资源组“{resourceGroup}”。",
    cause: "资源组从未创建、已被删除，或者名称拼写错误。",
    remedy: ["列出订阅的资源组：az group list", "创建资源组：az group create --name {resourceGroup} --location global"],
    provoke: "在不存在的资源组中注册一个 stamp。",
  },
  InvalidResourceGroupLocation: {
    message: "资源组位置“{location}”无效。资源组“{resourceGroup}”已存在于位置“{known}”。",
    cause: "资源组保持其创建时的位置。",
    remedy: ["请使用其现有位置：{known}"],
    provoke: "用不同的位置两次创建同一资源组。",
  },
  ResourceMoveConflict: {
    message: "无法移动注册“{registration}”：资源组“{resourceGroup}”中已有同名注册。未移动任何内容。",
    cause: "同一资源组中的两个注册不能同名。",
    remedy: ["请移动到其他资源组，或删除占用该名称的注册。"],
    provoke: "将注册移动到已有同名注册的资源组。",
  },
  ResourceMoveNotSupported: {
    message: "无法移动“{resource}”：{reason}。未移动任何内容。",
    cause: "只能移动注册，并且只能在同一订阅的资源组之间移动。",
    remedy: ["请提供 URL 中资源组的注册的完整 ID，以及同一订阅的目标资源组。"],
    provoke: "将注册移动到另一个订阅的资源组。",
  },
  ScopeLocked: {
    message: "范围“{scope}”无法执行 {operation} 操作，因为以下范围已锁定：“{locked}”。请移除锁后重试。",
    cause: "级别为 {level} 的锁“{lock}”对“{locked}”及其下的所有内容生效。",
    remedy: [
      "移除锁：az lock delete --name {lock} --resource {locked}",
      "执行所需的操作。",
      "恢复锁：az lock create --name {lock} --lock-type {level} --resource {locked}",
    ],
    provoke: "移除带有 CanNotDelete 锁的注册的租户。",
  },
  PreconditionFailed: {
    message: "条件“{condition}”不满足：资源的 etag 为“{etag}”。",
    cause: "自您读取以来，其他人已写入该资源；或者资源在不应存在时存在，或相反。",
    remedy: ["请重新读取资源，查看变化，并发送其当前的 etag。"],
    provoke: '使用请求头 If-Match: "0" 写入注册。',
  },
  InvalidResourceType: {
    message:
      "在命名空间“{namespace}”中找不到 API 版本“{version}”的资源类型“{type}”。支持的 api-version 为“{supported}”。",
    cause: "类型拼写错误、不在该版本中，或此处不提供（docs/differences.md）。",
    remedy: ["查看提供的内容：az provider show --namespace {namespace}"],
    provoke: "列出注册的产品。",
  },
  InvalidResourceNamespace: {
    message: "资源命名空间“{namespace}”无效。",
    cause: "命名空间拼写错误，或此处不提供。",
    remedy: ["查看提供的内容：az provider list"],
    provoke: "请求提供程序 Microsoft.Compute。",
  },
  MethodNotAllowed: {
    message: "“{path}”不支持 HTTP 方法“{method}”。",
    cause: "该地址处的资源不支持此方法。",
    remedy: ["请使用以下方法之一：{allowed}"],
    provoke: "向客户订阅发送 PATCH。",
  },
  LocationRequired: {
    message: "此定义需要 location 属性。",
    cause: "资源组需要在某个位置创建。",
    remedy: ["请提供位置，例如 global。"],
    provoke: "不带位置创建资源组。",
  },
  InvalidFilterInQueryString: {
    message: "查询字符串中指定的 $filter“{filter}”无效：{reason}。",
    cause: "资源可按 resourceType、name、resourceGroup、tagName 和 tagValue 筛选，以 and 连接。",
    remedy: ["例如：$filter=resourceType eq 'Microsoft.AzureStack/registrations' and name eq 'north'"],
    provoke: "使用 $filter=size gt 3 列出资源。",
  },
  LockNotFound: {
    message: "在“{scope}”处找不到锁“{lock}”。",
    cause: "锁位于其他范围，或已被移除。",
    remedy: ["列出锁：az lock list"],
    provoke: "显示从未创建的锁。",
  },
  RoleAssignmentNotFound: {
    message: "找不到角色分配“{id}”。",
    cause: "该分配已被撤销，或是在其他范围创建的。",
    remedy: ["列出权限：stampbook access list"],
    provoke: "显示从未创建的角色分配。",
  },
  RoleAssignmentExists: {
    message: "该角色分配已存在。",
    cause: "该主体在此范围内已拥有此角色。",
    remedy: ["无需执行任何操作。"],
    provoke: "以不同的名称分配同一角色两次。",
  },
  RoleDefinitionDoesNotExist: {
    message: "指定的 ID 为“{id}”的角色定义不存在。",
    cause: "此处的角色是固定的；Azure 中存在的角色使用 Azure 的 ID。",
    remedy: ["列出角色：az role definition list"],
    provoke: "分配一个 ID 为随机 GUID 的角色。",
  },
  LocationNotAvailableForResourceType: {
    message: "位置“{location}”不适用于资源类型“{type}”。可用的位置为“global”。",
    cause: "注册只有一个位置，即 global。",
    remedy: ["省略位置，或发送“global”。"],
    provoke: "用位置 westeurope 注册部署单元。",
  },
  InvalidSubscriptionId: {
    message: "所提供的订阅标识符“{subscription}”格式不正确或无效。",
    cause: "订阅 ID 是 GUID。",
    remedy: ["请检查请求路径中的 ID。"],
    provoke: "使用“abc”作为订阅 ID。",
  },
  ResourceNotFound: {
    message: "在资源组“{resourceGroup}”下找不到资源“{type}/{name}”。",
    cause: "该资源组中没有此类型和名称的资源。",
    remedy: ["列出已有的注册：stampbook registrations list"],
    provoke: "查看不存在的注册。",
  },
  MissingApiVersionParameter: {
    message: "所有请求都必须带有 api-version 查询参数（?api-version=）。",
    cause: "发往 Azure 资源管理器的每个请求都要指明所用契约的版本。",
    remedy: ["请加上 ?api-version=2017-06-01"],
    provoke: "查询注册时不带 api-version。",
  },
  NoRegisteredProviderFound: {
    message:
      "类型“{type}”在位置“global”没有 API 版本“{version}”的资源提供程序。支持的版本为“{supported}”。支持的位置为“global”。",
    cause: "该资源类型没有 api-version 中所写的版本。",
    remedy: ["请使用消息中列出的版本之一。"],
    provoke: "用 api-version=1999-01-01 查询注册。",
  },
  InvalidRequestContent: {
    message: "请求内容无效，无法反序列化：“{reason}”。",
    cause: "正文不是 JSON，或者不是此操作所需形式的 JSON。",
    remedy: ["请将正文与 docs/reference/ 中该操作的页面对照。"],
    provoke: "用空正文注册部署单元。",
  },
  InvalidParameter: {
    message: "“{value}”不能作为 {parameter} 的值：{reason}。",
    cause: "路径、查询或命令行中的某个参数无法理解。",
    remedy: ["请更正该参数；消息说明了可接受的值。"],
    provoke: "以“many”为上限查询用量。",
  },
  RouteNotFound: {
    message: "没有路由应答 {method} {path}。",
    cause: "路径有误，或该操作不存在。",
    remedy: ["所有路由见 docs/reference/routes.md。"],
    provoke: "GET /v1/nothing",
  },
  UnsupportedMediaType: {
    message: "此处不接受类型为“{type}”的正文；请发送 {supported}。",
    cause: "content-type 标头指明了此操作不读取的格式。",
    remedy: ["请用消息中所列的格式发送正文，并使用相应的 content-type。"],
    provoke: "以 text/csv 发送用量。",
  },
  RequestTooLarge: {
    message: "请求正文超过 {bytesMax} 字节。",
    cause: "每个正文都有上限，以免一个请求占用全部内存。",
    remedy: ["请分成几个较小的请求发送。"],
    provoke: "发送 5 MiB 的注册令牌。",
  },
  RequestHeadTooLarge: {
    message: "请求行与标头超过 {bytesMax} 字节。",
    cause: "请求头有上限：在得知发送者是谁之前就要读取它。",
    remedy: ["请缩短 URL，或减少、缩短标头。", "如果令牌过长，请让它包含较少的组，或改用内置颁发者的令牌。"],
    provoke: "发送一个 40,000 个字符的标头。",
  },
  SubscriptionRequestsThrottled: {
    message: "对订阅“{subscription}”已达到每分钟 {perMinute} 个请求的上限；请在 {seconds} 秒后重试。",
    cause: "每个调用方每分钟对一个订阅的读取、写入和删除次数都有上限。",
    remedy: [
      "请等待标头 Retry-After 所示的时间。",
      "请降低请求频率，或一次获取更多内容：使用 $top 时列表最多返回 1,000 行。",
      "如果上限过低，请调高设置 readsPerMinuteMax 或 writesPerMinuteMax。",
    ],
    provoke: "以 --reads-per-minute-max 1 启动服务器并读取两次。",
  },
  TooManyRequests: {
    message: "订阅以外的请求已达到每分钟 {perMinute} 个的上限；请在 {seconds} 秒后重试。",
    cause: "每个调用方每分钟不针对任何已知订阅的读取、写入和删除次数都有上限。",
    remedy: [
      "请等待标头 Retry-After 所示的时间。",
      "如果上限过低，请调高设置 readsPerMinuteMax 或 writesPerMinuteMax。",
    ],
    provoke: "以 --reads-per-minute-max 1 启动服务器并列出注册两次。",
  },
  InternalServerError: {
    message: "Stampbook 内部出错；请求 ID 为“{requestId}”。",
    cause: "程序缺陷。服务器日志中以此请求 ID 记录了详情。",
    remedy: ["请在服务器日志中查找该请求 ID，并一并报告。"],
    provoke: "无法有意触发。",
  },

  RegistrationAmbiguous: {
    message: "“{registration}”对应 {count} 个注册。",
    cause: "名称只在资源组内唯一，并且可能与其他注册的编号或云 ID 相同。",
    remedy: ["请使用完整资源 ID：stampbook registrations list --json"],
    provoke: "在两个资源组中以同一名称注册两个部署单元，然后只用名称。",
  },
  ApprovalStateConflict: {
    message: "注册“{registration}”的审批状态为“{state}”，不能执行“{action}”。",
    cause: "审批流程：无 → 已申请 → 已批准或已拒绝；已批准 → 已撤销；已拒绝或已撤销 → 已申请。",
    remedy: ["查看当前状态：stampbook approvals list"],
    provoke: "批准一个尚未提出申请的注册。",
  },

  AuditChainBroken: {
    message: "审计记录与写入时不一致：第 {number} 条记录有问题（{why}）。",
    cause: "有人绕过 Stampbook 改动了控制存储，或其文件已损坏。",
    remedy: [
      "请原样保留一份数据文件夹的副本，供调查使用。",
      "将第 {number} 条及其前后的记录与备份对照：stampbook audit list --json",
      "查明自上次验证无误以来谁能写入数据文件夹。",
    ],
    provoke: "用其他程序删除 audit_record 的触发器，改动一行，再运行 stampbook audit verify。",
  },
  AuditHeadNotFound: {
    message: "没有任何审计记录的哈希是“{head}”；审计的最后一条是第 {number} 条。",
    cause: "最新的记录被截掉、审计被重写，或该哈希属于另一个 Stampbook。",
    remedy: [
      "将该哈希与当时记下的哈希核对。",
      "将审计的末尾与备份对照：stampbook audit list",
      "查明自记下该哈希以来谁能写入数据文件夹。",
    ],
    provoke: "运行 stampbook audit verify --head，并给出 64 个零。",
  },
  ActivationKeyUnreadable: {
    message: "这不是激活密钥：{reason}。",
    cause: "激活密钥是一行由点号分隔的三段 Base64url 文本；给出的是别的文本。",
    remedy: ["重新获取密钥：stampbook activation-key get REGISTRATION --out FILE"],
    provoke: "对注册令牌运行 stampbook activation-key verify。",
  },
  ActivationKeyUnknown: {
    message: "激活密钥由密钥“{kid}”签名，而 {count} 个验证密钥中没有它。",
    cause: "激活密钥由另一个 Stampbook 或 Azure 本身签发，或验证密钥已过时。",
    remedy: [
      "获取签发它的服务器的验证密钥：GET /.well-known/stampbook/activation-keys",
      "如果密钥应由本服务器签发，请重新获取：stampbook activation-key get REGISTRATION --out FILE",
    ],
    provoke: "用另一个数据文件夹的密钥验证激活密钥。",
  },
  ActivationKeySignatureWrong: {
    message: "激活密钥的签名与内容不符；它所指的密钥是“{kid}”。",
    cause: "签名之后标头或有效负载被改动，或签名在传送中损坏。",
    remedy: [
      "请勿使用此密钥。",
      "重新获取：stampbook activation-key get REGISTRATION --out FILE",
      "请以文件形式完整复制，不要换行。",
    ],
    provoke: "改动激活密钥中间一段的一个字母，再验证它。",
  },
  ErrorCodeUnknown: {
    message: "没有错误代码“{code}”；最接近的是 {nearest}。",
    cause: "代码拼写有误，或属于其他版本或其他服务。",
    remedy: ["查看最接近的代码：stampbook errors explain {nearest}", "查看全部代码：stampbook errors list"],
    provoke: "运行 stampbook errors explain RegistrationNotFuond",
  },
  FileUnwritable: {
    message: "无法写入文件“{file}”：{reason}。",
    cause: "所在文件夹不存在、没有写入权限，或磁盘已满。",
    remedy: ["请检查路径、权限和可用空间，或另选一个文件。"],
    provoke: "运行 stampbook activation-key get REGISTRATION --out /no/such/folder/key",
  },
  IdempotencyKeyInvalid: {
    message: "“{key}”不是有效的 Idempotency-Key。",
    cause: "键为 1 至 {charsMax} 个可见 ASCII 字符，可带引号或不带。",
    remedy: ['请为每个正文生成新的 GUID，并带引号发送：Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    provoke: '发送用量时带标头 Idempotency-Key: ""',
  },
  IdempotencyKeyReused: {
    message: "Idempotency-Key“{key}”已用于另一个请求。",
    cause: "一个键属于一个正文及其注册、报告窗口、格式和应答形式。",
    remedy: ["如果这是另一个正文，请用新的键发送。", "如果应是同一个正文，请原样发送：比较的是解压后的字节。"],
    provoke: "用同一个 Idempotency-Key 发送两个文件。",
  },
  IdempotentRequestRunning: {
    message: "带 Idempotency-Key“{key}”的请求仍在处理中。",
    cause: "在第一次应答之前又发送了一次。",
    remedy: ["请等待 Retry-After 标头所示的秒数后重新发送。"],
    provoke: "用同一个 Idempotency-Key 同时发送两次大文件。",
  },
  ReportedWindowMissing: {
    message: "不知道这些记录是在哪个报告窗口中读取的。",
    cause: "部署单元的用量页面不含所请求的窗口，而记录的标识需要它。",
    remedy: [
      "请给出读取页面时所用请求的窗口：--reported-start 和 --reported-end，或查询参数 reportedStartTime 和 reportedEndTime。",
      "或在每条 NDJSON 记录的“properties”旁写上 reportedStartTime 和 reportedEndTime。",
    ],
    provoke: "不带 --reported-start 导入页面。",
  },
  ReportedWindowInvalid: {
    message: "“{start}”至“{end}”不是报告窗口：{reason}。",
    cause: "报告窗口以 UTC 整点开始和结束，结束晚于开始，且在 2015 年至 2100 年之间。",
    remedy: ["请使用读取页面时所用请求的 reportedStartTime 和 reportedEndTime。"],
    provoke: "用结束早于开始的窗口导入页面。",
  },
  UsageBodyEmpty: {
    message: "正文为空。",
    cause: "没有收到任何用量字节；可能文件为空，或上传立即中断。",
    remedy: ["请检查文件或发送方，然后重新发送。"],
    provoke: "导入空文件。",
  },
  UsageBodyIsHtml: {
    message: "正文是 HTML 页面，不是用量。",
    cause: "代理或登录页面代替部署单元作了应答。",
    remedy: ["请在浏览器中打开该地址查看是什么页面，修复访问后重新读取该窗口。"],
    provoke: "导入 HTML 文件。",
  },
  UsageBodyIsError: {
    message: "正文是部署单元的错误应答（{code}），不是用量。",
    cause: "部署单元拒绝了请求或超时；应答被当作页面保存了。",
    remedy: ["请重新读取该窗口；如果部署单元超时，请用 subscriberId 每次只查询一个订阅。"],
    provoke: "导入 504 应答的正文。",
  },
  UsageBodyNotPage: {
    message: "正文不是用量页面：应为带有“value”数组的 JSON 对象。",
    cause: "它是其他 JSON，或根本不是 JSON。",
    remedy: ["请以 application/json 原样发送部署单元的应答，或以 application/x-ndjson 每行发送一条记录。"],
    provoke: "导入内容为 [1,2] 的文件。",
  },
  UsageBodyNotArray: {
    message: "正文不是 CloudEvents 批次：应为 JSON 数组。",
    cause: "content-type 为 application/cloudevents-batch+json，而正文以其他内容开头。",
    remedy: [
      "请将事件放入数组，或以 application/cloudevents+json 发送单个事件，或以 application/x-ndjson 每行发送一个事件。",
    ],
    provoke: "以 application/cloudevents-batch+json 发送单个事件。",
  },
  UsageBodyMalformed: {
    message: "正文从第 {at} 字节起（记录 {record} 之后）不是 JSON：“{found}”不应出现在此处。",
    cause: "两条记录之间的逗号缺失或重复、括号不匹配、记录列表出现两次，或结尾之后还有内容。",
    remedy: [
      "请更正该字节处的正文并全部重新发送：在此之前的记录已保留，会被识别为重复。",
      "多个页面请逐个发送；一个正文只含一个页面。",
    ],
    provoke: '导入内容为 {"value":[{},,{}]} 的页面。',
  },
  UsageBodyNotUtf8: {
    message: "正文不是 UTF-8 文本。",
    cause: "看起来是 UTF-16 或二进制数据；Windows PowerShell 默认写 UTF-16。",
    remedy: ["请将文件保存为 UTF-8，例如 Out-File -Encoding utf8。"],
    provoke: "导入保存为 UTF-16 的页面。",
  },
  UsageBodyTruncated: {
    message: "正文在 {bytes} 字节之后中断。",
    cause: "保存页面时连接中断或磁盘已满。",
    remedy: ["请重新发送整个页面：中断之前的记录已保留，会被识别为重复。"],
    provoke: "导入页面的前一半。",
  },
  UsageBodyEncodingBroken: {
    message: "无法按“{encoding}”解压正文。",
    cause: "content-encoding 标头与字节不符、压缩数据已损坏或中断，其后跟有未压缩的内容，或帧数超过 {framesMax}。",
    remedy: [
      "gzip 数据请带 content-encoding: gzip 发送，zstd 数据请带 content-encoding: zstd 发送，未压缩的数据则不带该标头。",
    ],
    provoke: "将文本文件改名为 usage.ndjson.gz 后导入。",
  },
  UsageBodyTooLarge: {
    message: "正文解压后超过 {bytesMax} 字节。",
    cause: "一个请求是一个批次，批次有上限。",
    remedy: ["请用后续请求发送其余部分：上限之前的记录已保留。"],
    provoke: "发送 gzip 炸弹。",
  },
  RecordTooLarge: {
    message: "记录超过 {bytesMax} 字节。",
    cause: "一条用量记录约 900 字节；这不是用量记录。",
    remedy: ["请查看文件中的该位置；如果记录属实，请缩短其标签。"],
    provoke: "发送标签为 10 MB 的记录。",
  },
  RecordTooDeep: {
    message: "记录的嵌套超过 {levelsMax} 层。",
    cause: "用量记录嵌套两层；这不是用量记录。",
    remedy: ["请查看文件中的该位置并删除该记录。"],
    provoke: "发送一百万个左括号。",
  },
  RecordNotUtf8: {
    message: "记录不是 UTF-8 文本。",
    cause: "记录中有字节属于其他编码。",
    remedy: ["请将文件保存为 UTF-8 后重新发送；其他记录届时为重复。"],
    provoke: "在记录中放入字节 FF。",
  },
  RecordTruncated: {
    message: "记录在中间中断。",
    cause: "正文在此记录内中断。",
    remedy: ["请重新发送整个页面；其他记录届时为重复。"],
    provoke: "导入页面的前一半。",
  },
  RecordNotJson: {
    message: "记录不是 JSON 对象：{reason}。",
    cause: "此位置的文本不是 JSON（NaN 和 Infinity 也不是），或不是对象。",
    remedy: ["请更正此位置的记录并重新发送。"],
    provoke: "发送数量为 NaN 的记录。",
  },
  RecordPropertyMissing: {
    message: "记录没有“{property}”。",
    cause: "缺少它就无法知道使用了什么、何时使用、由谁使用。",
    remedy: ["请原样发送部署单元返回的记录，或按 docs/concepts/events.md 的说明发送事件。"],
    provoke: "发送没有 meterId 的记录。",
  },
  RecordPropertyInvalid: {
    message: "记录的“{property}”为“{value}”，不是{expected}。",
    cause: "该值的形式与部署单元发送的或事件应有的不同。",
    remedy: ["请原样发送部署单元返回的记录，或按 docs/concepts/events.md 的说明发送事件。"],
    provoke: "发送 subscriptionId 为“abc”的记录。",
  },
  EventVersionUnsupported: {
    message: "事件的 specversion 为“{version}”；只读取 1.0。",
    cause: "CloudEvents 其他版本的属性可能含义不同。",
    remedy: ['请发送 CloudEvents 1.0 的事件，即 "specversion": "1.0"。'],
    provoke: '发送带 "specversion": "0.3" 的事件。',
  },
  EventTypeUnsupported: {
    message: "事件的类型为“{type}”；用量的类型是 {supported}。",
    cause: "类型说明数据中有什么，只有这一种类型的数据是已知的。",
    remedy: [
      "如果该事件是用量，请将类型设为 {supported}，数据按 docs/concepts/events.md 的说明填写。",
      "如果是其他事件，请不要发送到这里。",
    ],
    provoke: "发送类型为 com.example.started 的事件。",
  },
  EventAttributeNameInvalid: {
    message: "事件有名为“{name}”的属性，而属性不得如此命名。",
    cause: "CloudEvents 1.0 的属性名只能用小写字母 a 至 z 和数字。",
    remedy: ["请将该属性改名，或将其内容放入数据。"],
    provoke: '发送带属性 "trace-id" 的事件。',
  },
  EventDataUnsupported: {
    message: "事件的数据以“{found}”形式提供；只读取“data”中的 JSON 对象。",
    cause: "其 datacontenttype 不是 JSON，或数据在 data_base64 中。",
    remedy: ["请将用量作为 JSON 对象放入“data”，并省略 datacontenttype 或填写 application/json。"],
    provoke: "发送带 data_base64 的事件。",
  },
  QuantityNotANumber: {
    message: "数量为 {value}，不是数字。",
    cause: "Hub 的数量是 JSON 数字；事件的数量也可以是带引号、按 JSON 写法的十进制数字。",
    remedy: ["请将数量作为 JSON 数字发送，使用小数点，不带引号。"],
    provoke: '发送数量为 "24,10" 的记录。',
  },
  QuantityNegative: {
    message: "数量 {value} 为负数。",
    cause: "用量不能用负数记录冲回。",
    remedy: ["请发送实际使用的数量：0 或更多。"],
    provoke: "发送数量为 -1 的记录。",
  },
  QuantityTooManyDigits: {
    message: "数量 {value} 的小数点前超过 {wholeMax} 位、小数点后超过 {decimalsMax} 位，或书写的位数远远过多。",
    cause: "数量是精确存储的，存储的位数就是这些。",
    remedy: ["请检查发送方；部署单元的计量器不会计得如此细或如此大。"],
    provoke: "发送 40 位数量的记录。",
  },
  UsageTimeReversed: {
    message: "用量结束于 {end}，不晚于其开始 {start}。",
    cause: "用量小时在开始一小时之后结束。",
    remedy: ["请原样发送部署单元返回的记录，或在生成记录之处更正时间。"],
    provoke: "发送结束早于开始的记录。",
  },
  UsageTimeNotOneHour: {
    message: "{start} 至 {end} 的用量不是一小时。",
    cause: "按日的行无法按小时归属，与按小时的行并存会被计算两次。",
    remedy: ["来自部署单元的，请以 aggregationGranularity=Hourly 重新读取该窗口；其他来源请每小时生成一条记录。"],
    provoke: "发送整天的记录。",
  },
  UsageTimeNotAligned: {
    message: "用量开始于 {start}，不是 UTC 整点。",
    cause: "一小时只有一个付费方，因此用量以整小时计。",
    remedy: ["请原样发送部署单元返回的记录，或在生成记录之处将用量切分为整小时。"],
    provoke: "发送开始于 10:20 的记录。",
  },
  UsageTimeInFuture: {
    message: "用量的结束或报告时间为 {end}，晚于现在（{now}）。",
    cause: "发送方的时钟偏快，或记录是编造的。",
    remedy: ["请检查部署单元和本服务器的时钟，然后重新发送记录。"],
    provoke: "发送明天的记录。",
  },
  UsageTimeTooOld: {
    message: "用量开始于 {start}，早于 {earliest}。",
    cause: "当时还没有任何部署单元；日期有误。",
    remedy: ["请原样发送部署单元返回的记录。"],
    provoke: "发送 1999 年的记录。",
  },

  CatalogueSubscriptionNotFound: {
    message: "订阅“{subscription}”不在合作伙伴目录中。",
    cause: "没有人添加过它，或它已被移除。",
    remedy: [
      "查找正确的 ID：stampbook catalogue list",
      "添加它：stampbook catalogue put {subscription} --offer-type CSP --partner PARTNER",
    ],
    provoke: "显示一个合作伙伴目录中没有的订阅。",
  },
  CatalogueFileUnreadable: {
    message: "无法读取目录文件：{reason}。",
    cause: "目录文件是带标题行的 CSV，或每行一个订阅的 NDJSON；均为 UTF-8 编码。",
    remedy: ["将文件另存为 UTF-8 编码、以逗号分隔的 CSV，然后重新导入。"],
    provoke: "导入一个空文件。",
  },
  CatalogueColumnUnknown: {
    message: "“{column}”不是合作伙伴目录的列。可用的列为 {columns}。",
    cause: "无人读取的列会被悄悄丢弃，因此予以拒绝。",
    remedy: ["更正列名；列之间用逗号分隔，不区分大小写。", "或从文件中删除该列。"],
    provoke: "导入标题行含有“colour”列的 CSV 文件。",
  },
  CatalogueColumnMissing: {
    message: "标题行缺少列“{column}”。可用的列为 {columns}。",
    cause: "一个订阅至少要有 subscription、offerType 和 partner。",
    remedy: ["在标题行中添加该列，并为每一行填写它的值。"],
    provoke: "导入不含“partner”列的 CSV 文件。",
  },
  CatalogueRowUnreadable: {
    message: "无法读取该行：{reason}。",
    cause: "每一行是一条 CSV 记录，其值的个数与标题行的列数相同；或者是一个 JSON 对象。",
    remedy: ["更正该行后重新导入文件；已在目录中的行保持不变。"],
    provoke: "导入某一行多出一个值的 CSV 文件。",
  },
  CatalogueRowInvalid: {
    message: "列“{column}”的值为“{value}”：{reason}。",
    cause: "该列不接受这个值。",
    remedy: ["更正该值后重新导入文件；已在目录中的行保持不变。"],
    provoke: "导入一行，其 offerType 为“Gold”。",
  },
  ApprovalReasonMissing: {
    message: "对注册“{registration}”的多租户执行“{action}”时必须说明理由。",
    cause: "申请人需要知道为何不能映射租户，历史记录也会保留该理由。",
    remedy: ["说明理由：stampbook approvals {action} {registration} --reason TEXT"],
    provoke: "拒绝一个已申请的审批而不说明理由。",
  },

  UsageBatchNotFound: {
    message: "没有批次 {batch}。",
    cause: "编号写错了。每次用量交付、每次撤回和每次选择都有自己的编号。",
    remedy: ["列出批次：stampbook usage batches list"],
    provoke: "查看批次 999999。",
  },
  UsageBatchNotWithdrawable: {
    message: "批次 {batch} 不是已结束的交付：{state}。",
    cause: "只有已经结束的用量交付才能撤回，而且只能整批撤回。",
    remedy: [
      "等交付结束后再撤回。",
      "要取消一次撤回，请重新发送这些记录：它们会再次计入。",
      "要取消一次选择，请撤回带来所选版本的那次交付。",
    ],
    provoke: "撤回一次撤回。",
  },
  ConflictNotFound: {
    message: "记录“{record}”没有等待选择的版本。",
    cause: "记录未知，或者已经做过选择。",
    remedy: ["列出等待选择的记录：stampbook usage conflicts list"],
    provoke: "为只有一个版本的记录选择版本。",
  },
  VersionNotFound: {
    message: "记录“{record}”没有版本“{content}”；它有 {versions}。",
    cause: "版本写错了，或者它所在的交付已被撤回。",
    remedy: ["列出各个版本：stampbook usage conflicts list", "用内容摘要选择其中一个。"],
    provoke: "为一个冲突选择版本 0000000000000000。",
  },
  UsageReasonMissing: {
    message: "需要填写理由。",
    cause: "对已存储用量的决定会永久保留，以后的读者会问为什么。",
    remedy: ["用 --reason TEXT 或成员 reason 说明理由。"],
    provoke: "不填理由撤回一个批次。",
  },
  UsageRecordNotFound: {
    message: "到 {asOf} 为止，没有存储这样的用量记录。",
    cause: "批次与位置，或本地订阅、计量项、小时与资源，不对应该注册的任何记录。",
    remedy: [
      "请核对小时：它是 UTC 的使用小时，而不是 stamp 报告它的小时。",
      "查看已送达的内容：stampbook usage batches list",
    ],
    provoke: "解释十条记录的批次中的第 999 个位置。",
  },
  MeterIsBuiltIn: {
    message: "计量项“{meter}”是 Stampbook 自带的，不能添加或修改。",
    cause: "这类计量项计量什么由 stamp 的软件决定；如何定价则可以另行规定。",
    remedy: [
      "查看已知的计量项：stampbook meters list",
      "如需按另一个计量项定价：stampbook meters map {meter} COMMERCE-METER --reason REASON",
    ],
    provoke: "添加计量项 fab6eb84-500b-4a09-a8ca-7358f8bbaea5。",
  },
  OperatorMetersTooMany: {
    message: "已经添加了 {max} 个计量项，不能再添加。",
    cause: "判断每条记录时，所有计量项都保存在内存中。",
    remedy: ["查看已添加的计量项：stampbook meters list", "请修改不再使用的计量项，而不是再添加一个。"],
    provoke: "添加的计量项比限制 operatorMetersMax 多一个。",
  },
  ConversionFactorInvalid: {
    message: "“{factor}”不是换算系数。",
    cause: "换算系数精确说明一个计量单位等于多少个商务计量单位：一个大于零的数，或两个数之比。",
    remedy: [
      "请写成 2、0.5 或 1/1073741824 这样的形式。例如字节换算为 GiB 是 1/1073741824。",
      "如果两个计量项单位相同，请不要填写。",
    ],
    provoke: "用系数 0 映射计量项。",
  },

  PeriodInvalid: {
    message: "“{period}”不是计费周期。",
    cause: "计费周期是 UTC 日历月，写作 2024-02。",
    remedy: ["请写年和月，例如 2024-02。"],
    provoke: "查询“2024-13”的对账单。",
  },
  StatementRunNotFound: {
    message: "{period} 还没有对账单。",
    cause: "该计费周期尚未生成对账单。",
    remedy: ["请生成：stampbook statements run {period}"],
    provoke: "在生成之前列出某周期的对账单。",
  },
  StatementNotFound: {
    message: "没有对账单“{number}”。",
    cause: "编号有误，或该周期较新的一次生成取代了草稿。",
    remedy: ["列出该周期的对账单：stampbook statements list 周期"],
    provoke: "查看对账单“X”。",
  },
  StatementLineNotFound: {
    message: "对账单“{number}”没有第 {line} 行；共有 {lines} 行。",
    cause: "行号超出对账单范围。",
    remedy: ["显示各行：stampbook statements show {number}"],
    provoke: "解释对账单的第 0 行。",
  },
  PeriodNotEnded: {
    message: "{period} 尚未结束。",
    cause: "该周期的用量仍可能到达：只有在其最后一小时之后才能关账。",
    remedy: ["查看草稿：stampbook statements run {period}", "待其结束后再关账。"],
    provoke: "对正在进行的周期关账。",
  },
  PeriodPartnerUnknown: {
    message: "“{partner}”在 {period} 没有可关账的内容：没有付款方的账单归属于它。",
    cause: "关账按目录中的计费合作伙伴进行：有提供商则为提供商，否则为合作伙伴。",
    remedy: ["查看该周期的合作伙伴：stampbook periods show {period}"],
    provoke: "为目录中不存在的合作伙伴关账。",
  },
  CheckUnknown: {
    message: "没有名为“{check}”的检查。",
    cause: "只能按名称接受某项检查。",
    remedy: ["可用的检查：{checks}。"],
    provoke: "关账时接受名为“luck”的检查。",
  },
  CheckNotAcceptable: {
    message: "检查“{check}”不可接受。",
    cause: "对账单会缺少用量，且无人知道缺的是谁的。",
    remedy: ["请保持数据文件夹原样并报告此缺陷。"],
    provoke: "关账时接受“conservation”。",
  },
  AcceptanceReasonMissing: {
    message: "接受“{check}”需要说明理由。",
    cause: "理由与关账记录一同保存，以便日后任何人都能看到原因。",
    remedy: ["说明理由：--accept {check} --reason 原因"],
    provoke: "关账时以空理由接受某项检查。",
  },
  CloseChecksFailed: {
    message: "{period} 未能为 {partner} 关账；未通过的检查：{checks}。",
    cause: "对账单会缺少内容，或有内容无人核查。",
    remedy: [
      "查看发现的问题及处理办法：stampbook periods check {period} {partner}",
      "或仍然继续：stampbook periods close {period} {partner} --accept 检查 --reason 原因",
    ],
    provoke: "在该周期仍有待处理用量时关账。",
  },
  PeriodNotClosed: {
    message: "{period} 尚未为“{partner}”关账。",
    cause: "只有已关账的内容才会被更正和验证；草稿由每次运行重新生成。",
    remedy: ["查看进度：stampbook periods show {period}", "生成草稿：stampbook statements run {period}"],
    provoke: "预览尚未关账周期的更正单。",
  },
  CorrectionReasonMissing: {
    message: "开具更正单需要说明理由。",
    cause: "理由会写在每张更正单上，使读者知道其由来。",
    remedy: ["说明理由：stampbook corrections issue 周期 合作伙伴 --reason 原因"],
    provoke: "以空理由开具更正单。",
  },
  CorrectionNotFound: {
    message: "没有更正单“{number}”。",
    cause: "编号有误，或它是对账单的编号。",
    remedy: ["列出更正单：stampbook corrections list", "显示对账单：stampbook statements show {number}"],
    provoke: "显示不存在的更正单。",
  },

  PeriodArchived: {
    message: "{period} 的用量已归档。",
    cause: "已归档的月份已经定案：其对账单保持不变，之后到达的该月用量会保存，但永不计入。",
    remedy: [
      "如需为此向某方收费或退款，请在仍开放的周期中处理。",
      "查看已归档的月份：stampbook usage archives list",
      "误发的用量可以随其批次撤回：stampbook usage batches withdraw 批次 --reason 原因",
    ],
    provoke: "归档某月之后再生成该月的对账单。",
  },
  UsageArchived: {
    message: "其中一部分已归档，月份：{months}。",
    cause: "一次投递只能整体撤回，而已归档的条目不再改变。",
    remedy: [
      "查看已归档的月份：stampbook usage archives list",
      "请按正确的内容重新发送其余部分，或在仍开放的周期中结算差额。",
    ],
    provoke: "撤回一个含有已归档月份用量的批次。",
  },
  MonthNotArchivable: {
    message: "{month} 现在不能归档：{why}。",
    cause:
      "月份按顺序归档。Retention：未满 usageRetentionMonths。PeriodOpen：尚未结束，或其部分用量未列入任何一次对账单生成。PeriodCorrectable：在 correctableMonths 之内仍可更正。BatchRunning：有投递或决定尚未完成。UsageRecent：该月用量最近才到达。",
    remedy: [
      "查看各月保留的原因：stampbook usage archive --dry-run",
      "若为 PeriodOpen，请生成其对账单：stampbook statements run {month}",
      "若为 BatchRunning，请等待投递完成，或重做中断的决定。",
    ],
    provoke: "归档当前月份。",
  },
  ArchiveNotFound: {
    message: "没有 {month} 的归档。",
    cause: "月份有误、该月没有用量，或用量仍在用量存储中。",
    remedy: ["查看已归档的月份：stampbook usage archives list"],
    provoke: "校验 2015-01 的归档。",
  },
  ArchiveDamaged: {
    message: "无法使用 {month} 的归档：{reason}。",
    cause: "文件 {file} 与写入时不一致，据此作答可能出错。",
    remedy: ["请从备份中以相同的名称恢复该文件。", "然后校验：stampbook usage archives verify {month}"],
    provoke: "改动归档文件的一个字节，再解释该月对账单的一行。",
  },
  ArchiveUnequal: {
    message: "{month} 的归档与用量存储的内容不一致。",
    cause: "在删除任何内容之前，会读回 {file} 并进行比较。没有删除任何内容。",
    remedy: ["请重试：stampbook usage archive --month {month}", "如果持续如此，请检查机器的磁盘和内存，并保留该文件。"],
    provoke: "在比较之前改动所写文件中的数字。",
  },
  ArchiveFolderUnusable: {
    message: "无法使用归档文件夹“{folder}”：{reason}。",
    cause: "无法创建或写入该文件夹。没有删除任何内容。",
    remedy: [
      "请检查文件夹的所有者、权限和可用空间。",
      "或使用另一个文件夹，并把已有的归档移过去：--archive-folder 文件夹",
    ],
    provoke: "把 archiveFolder 设为某个文件之下的路径，然后归档一个月份。",
  },

  UsageEngineUnavailable: {
    message: "用量存储现在无法应答：{reason}。",
    cause: "保存用量的引擎已停止、正在启动或拒绝了工作。",
    remedy: ["请几秒钟后重新发送全部内容：已存储的部分会被识别为重复。", "如果持续如此，请查看 /readyz 和日志。"],
    provoke: "在导入过程中终止用量引擎的进程。",
  },
  ControlStoreUnavailable: {
    message: "控制存储现在无法完成该操作：{reason}。",
    cause: "数据文件夹所在的磁盘已满或为只读，或者控制存储的文件已损坏。",
    remedy: [
      "该请求的内容均未记录；已经存储的用量除外，重新发送时会被识别为重复。",
      "服务器的运维人员可在 /readyz 中看到问题所在以及处理办法。",
    ],
    provoke: "占满数据文件夹所在的磁盘，然后注册一个部署单元（stamp）。",
  },
  DataFolderInUse: {
    message: "数据文件夹“{folder}”正被进程 {holder} 使用。",
    cause: "一个数据文件夹只归一个进程所有，以免重复计算。",
    remedy: [
      "请停止该进程，或与之对话：命令会自动连到正在运行的服务器，也可用 --server URL。",
      "或使用另一个文件夹：--data-folder 文件夹",
    ],
    provoke: "在同一文件夹上启动两次服务器。",
  },
  DataFolderUnusable: {
    message: "无法使用数据文件夹“{folder}”：{reason}。",
    cause: "无法创建或写入，或其中的内容无法打开。",
    remedy: ["请检查文件夹的所有者、权限和可用空间，或使用另一个：--data-folder 文件夹"],
    provoke: "用 /proc 下的数据文件夹启动服务器。",
  },
  SchemaTooNew: {
    message: "数据文件夹由较新的 Stampbook 写入（架构 {found}）；本程序只认识架构 {known}。",
    cause: "较旧的程序可能误读较新程序写入的内容。",
    remedy: ["请重新安装较新的 Stampbook，或使用另一个数据文件夹。"],
    provoke: "用较旧的版本打开数据文件夹。",
  },
  SettingInvalid: {
    message: "“{value}”不能作为设置 {setting} 的值：{reason}。",
    cause: "命令行或环境变量中的某个设置无法理解。",
    remedy: ["可接受的值见 stampbook serve --help 或 docs/reference/settings.md。"],
    provoke: "用 --listen-port x 启动服务器。",
  },
  FileUnreadable: {
    message: "无法读取文件“{file}”：{reason}。",
    cause: "文件不存在、是文件夹，或没有读取权限。",
    remedy: ["请检查路径和权限。"],
    provoke: "导入不存在的文件。",
  },
  ServerUnreachable: {
    message: "无法连接服务器 {server}：{reason}。",
    cause: "服务器未运行、地址有误或连接中断。",
    remedy: ["请用 stampbook serve 启动，或更正 --server。"],
    provoke: "使用 --server http://127.0.0.1:1",
  },
};
