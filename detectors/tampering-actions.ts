/**
 * Operations that blind or disarm, by what they strike. Names as the providers write them in their logs: AWS CloudTrail, Google Cloud audit
 * logs, Azure activity and Entra directory audit, Okta, GitHub, OCI, Snowflake, Databricks.
 */
const strikes = {
  'the log': [
    'StopLogging', 'DeleteTrail', 'DeleteEventDataStore', 'StopEventDataStoreIngestion', 'DeleteFlowLogs',
    'DeleteConfigurationRecorder', 'StopConfigurationRecorder', 'DeleteDeliveryChannel', 'DeleteQueryLoggingConfig', 'DeleteResolverQueryLogConfig',
    'google.logging.v2.ConfigServiceV2.DeleteSink', 'google.logging.v2.ConfigServiceV2.DeleteBucket', 'google.logging.v2.ConfigServiceV2.CreateExclusion',
    'MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE', 'MICROSOFT.NETWORK/NETWORKWATCHERS/FLOWLOGS/DELETE',
    'system.log_stream.lifecycle.deactivate', 'system.log_stream.lifecycle.delete', 'audit_log_streaming.destroy', 'DeleteLog',
  ],
  'the alarms': [
    'DeleteDetector', 'StopMonitoringMembers', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount', 'DeletePublishingDestination',
    'DisableSecurityHub', 'DeleteConfigRule', 'DeleteAnalyzer', 'DisableMacie', 'DeleteAnomalyMonitor',
    'DeleteAnomalySubscription',
    'google.cloud.securitycenter.v1.SecurityCenter.DeleteNotificationConfig',
    'MICROSOFT.INSIGHTS/ACTIVITYLOGALERTS/DELETE', 'MICROSOFT.SECURITY/PRICINGS/DELETE',
    'secret_scanning.disable', 'repository_secret_scanning.disable',
  ],
  'the guardrails': [
    'DeletePublicAccessBlock', 'DeleteAccountPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'LeaveOrganization',
    'DeleteGuardrail', 'DeleteModelInvocationLoggingConfiguration', 'DeleteAccountPasswordPolicy', 'DisableEbsEncryptionByDefault',
    'DeactivateMFADevice',
    'Delete conditional access policy', 'Disable Strong Authentication', 'Delete named location',
    'policy.lifecycle.deactivate', 'policy.lifecycle.delete', 'zone.deactivate', 'zone.delete',
    'org.disable_two_factor_requirement', 'org.disable_saml', 'secret_scanning_push_protection.disable',
    'repository_secret_scanning_push_protection.disable', 'ip_allow_list.disable', 'ip_allow_list_entry.destroy',
  ],
  /** What every clearing up of a project does as well: weak by itself. */
  'a part of the monitoring': [
    'DeleteLogGroup', 'DeleteLogStream', 'DeleteAlarms', 'DisableAlarmActions', 'DeleteBudget', 'DeleteRuleGroup', 'DeleteWebACL',
    'MICROSOFT.EVENTHUB/NAMESPACES/EVENTHUBS/DELETE', 'MICROSOFT.INSIGHTS/METRICALERTS/DELETE',
    'google.monitoring.v3.AlertPolicyService.DeleteAlertPolicy', 'policy.rule.deactivate', 'policy.rule.delete', 'ScheduleKeyDeletion', 'DisableKey',
    'protected_branch.destroy', 'google.logging.v2.LoggingServiceV2.DeleteLog', 'repository_vulnerability_alerts.disable',
  ],
} as const;

export type Struck = keyof typeof strikes;

const struck: ReadonlyMap<string, Struck> = new Map(
  Object.entries(strikes).flatMap(([what, actions]) => actions.map((action) => [action, what as Struck])),
);

/** What the action strikes; `undefined` for nearly all. */
export function struckBy(action: string): Struck | undefined {
  return struck.get(action);
}
