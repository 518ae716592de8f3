//! Object stores that speak S3. The keys are the site's own, from the agent's environment under the names that all tools of S3
//! know; neither journal nor command line holds one, and no job is given them.

use std::time::Duration;

use rusty_s3::actions::{CompleteMultipartUpload, CreateMultipartUpload, UploadPart};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

/// How an address of an object store begins.
pub(super) const SCHEME: &str = "s3://";
/// For so long what is signed is good.
const SIGNED_FOR: Duration = Duration::from_secs(3600);

/// An object of a store, with what signs requests for it.
pub(super) struct Object {
    bucket: Bucket,
    key: String,
    credentials: Credentials,
}

/// Where a store is, by the variables of an environment.
fn endpoint(of: impl Fn(&str) -> Option<String>) -> (String, String, UrlStyle) {
    let said = |name: &str| of(name).filter(|value| !value.is_empty());
    let region = said("AWS_REGION").or_else(|| said("AWS_DEFAULT_REGION")).unwrap_or_else(|| "us-east-1".to_owned());
    match said("AWS_ENDPOINT_URL_S3").or_else(|| said("AWS_ENDPOINT_URL")) {
        // Stores of one's own mostly have no name for each bucket.
        Some(url) => (url, region, UrlStyle::Path),
        None => (format!("https://s3.{region}.amazonaws.com"), region, UrlStyle::VirtualHost),
    }
}

impl Object {
    /// The object of an address, `s3://BUCKET/KEY`.
    ///
    /// # Errors
    /// Where the address is none, or the site has no keys.
    pub(super) fn at(address: &str) -> Result<Object, String> {
        let of = |name: &str| std::env::var(name).ok();
        let (bucket, key) = address
            .strip_prefix(SCHEME)
            .and_then(|rest| rest.split_once('/'))
            .filter(|(_, key)| !key.is_empty())
            .ok_or_else(|| format!("{address} names no object: s3://BUCKET/KEY does"))?;
        let keys = of("AWS_ACCESS_KEY_ID").zip(of("AWS_SECRET_ACCESS_KEY"));
        let (id, secret) =
            keys.ok_or("the site's agent has no keys for object stores (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)")?;
        let credentials = match of("AWS_SESSION_TOKEN").filter(|token| !token.is_empty()) {
            Some(token) => Credentials::new_with_token(id, secret, token),
            None => Credentials::new(id, secret),
        };
        let (url, region, style) = endpoint(of);
        let url = url.parse().map_err(|error| format!("AWS_ENDPOINT_URL: {error}"))?;
        let bucket = Bucket::new(url, style, bucket.to_owned(), region).map_err(|error| format!("{address}: {error}"))?;
        Ok(Object { bucket, key: key.to_owned(), credentials })
    }

    /// A web address that gives it.
    pub(super) fn get(&self) -> String {
        self.bucket.get_object(Some(&self.credentials), &self.key).sign(SIGNED_FOR).into()
    }

    /// A web address that takes it, whole.
    pub(super) fn put(&self) -> String {
        self.bucket.put_object(Some(&self.credentials), &self.key).sign(SIGNED_FOR).into()
    }

    /// A web address that begins to take it in parts.
    pub(super) fn begin(&self) -> String {
        CreateMultipartUpload::new(&self.bucket, Some(&self.credentials), &self.key).sign(SIGNED_FOR).into()
    }

    /// By what name the store knows an upload that it began with this answer.
    pub(super) fn begun(answer: &str) -> Result<String, String> {
        let parsed = CreateMultipartUpload::parse_response(answer).map_err(|error| error.to_string())?;
        Ok(parsed.upload_id().to_owned())
    }

    /// A web address that takes a part, counted from 1.
    pub(super) fn part(&self, upload: &str, number: u16) -> String {
        UploadPart::new(&self.bucket, Some(&self.credentials), &self.key, number, upload).sign(SIGNED_FOR).into()
    }

    /// A web address, and what is sent there, that makes one of the parts.
    pub(super) fn complete(&self, upload: &str, tags: &[String]) -> (String, String) {
        let tags = tags.iter().map(String::as_str);
        let action = CompleteMultipartUpload::new(&self.bucket, Some(&self.credentials), &self.key, upload, tags);
        (action.sign(SIGNED_FOR).into(), action.body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_store_is_follows_the_usual_variables() {
        let told = |variables: &[(&str, &str)]| {
            let of = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let (url, region, style) = endpoint(of);
            format!("{url} {region} {}", if matches!(style, UrlStyle::Path) { "path" } else { "host" })
        };
        assert_eq!(told(&[]), "https://s3.us-east-1.amazonaws.com us-east-1 host");
        assert_eq!(told(&[("AWS_DEFAULT_REGION", "cn-north-1")]), "https://s3.cn-north-1.amazonaws.com cn-north-1 host");
        let own =
            [("AWS_ENDPOINT_URL", "https://a.example"), ("AWS_ENDPOINT_URL_S3", "https://b.example"), ("AWS_REGION", "here")];
        assert_eq!(told(&own), "https://b.example here path");
    }
}
