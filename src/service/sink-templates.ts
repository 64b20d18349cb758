import type { SinkSection } from '../config/configuration.ts';
import { passwordHeader, secretIn, type Authorizer } from '../respond/actions/auth/authorizer.ts';
import { bearer, clientCredentials } from '../respond/actions/auth/bearer.ts';
import { googleKey } from '../respond/actions/auth/google.ts';
import type { Template } from '../sinks/template.ts';
import { googleSecOpsTemplate } from '../sinks/templates/google-secops.ts';
import { jiraTemplate } from '../sinks/templates/jira.ts';
import { pagerDutyTemplate } from '../sinks/templates/pagerduty.ts';
import { sentinelTemplate } from '../sinks/templates/sentinel.ts';
import { serviceNowTemplate } from '../sinks/templates/servicenow.ts';
import { slackTemplate } from '../sinks/templates/slack.ts';
import { teamsTemplate } from '../sinks/templates/teams.ts';

export type TemplateSection = Extract<SinkSection, { type: 'pagerduty' | 'slack' | 'teams' | 'jira' | 'servicenow' | 'sentinel' | 'google_secops' }>;

/** What is said to a service, and how it is shown who asks where the template does not itself. */
export interface OpenedTemplate { readonly template: Template; readonly authorizer: Authorizer | null }

/** Throws an `Error`, which quotes no file, where a secret's file cannot be used. */
export function openTemplate(section: TemplateSection, productVersion: string): OpenedTemplate {
  switch (section.type) {
    case 'pagerduty': return plain(pagerDutyTemplate({ url: section.url, routingKey: secretIn(section.routing_key_file) }));
    case 'slack': return plain(slackTemplate({ url: section.url, token: secretIn(section.token_file), channel: section.channel }));
    case 'teams': return plain(teamsTemplate({ url: secretIn(section.url_file) }));
    case 'jira': return plain(jiraTemplate({
      url: section.url, authorization: passwordHeader(section.username, secretIn(section.token_file)), project: section.project, issueType: section.issue_type,
    }));
    case 'servicenow': return plain(serviceNowTemplate({
      url: section.url, authorization: passwordHeader(section.username, secretIn(section.password_file)), table: section.table,
    }));
    case 'sentinel': return {
      template: sentinelTemplate({ url: section.url, ruleId: section.rule_id, stream: section.stream }),
      authorizer: bearer(clientCredentials({
        endpoint: new URL(`/${section.tenant_id}/oauth2/v2.0/token`, section.login_url).href, id: section.client_id,
        secret: secretIn(section.client_secret_file), method: 'client_secret_post', scope: 'https://monitor.azure.com/.default',
      })),
    };
    case 'google_secops': {
      const { url = `https://${section.location}-chronicle.googleapis.com`, project, location, instance } = section;
      const template = googleSecOpsTemplate({ url, project, location, instance, productVersion });
      return { template, authorizer: bearer(googleKey(section.credentials_file, section.token_url)) };
    }
  }
}

function plain(template: Template): OpenedTemplate {
  return { template, authorizer: null };
}
