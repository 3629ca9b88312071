// A day of a vendor's program that manages licenses: C#, .NET Framework's WebRequest, Json.NET and its defaults. It was written by the
// documentation of the original; of this service it knows the address and a key.
//
//   mono Licensing.exe ADDRESS KEY [send-set] [skip-nulls]
//
// "send-set": members that have their default value are not sent. "skip-nulls": a null of an answer leaves a member as it is; without it,
// Json.NET cannot read one into a number.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

public static class Licensing
{
	static string address, key;
	static readonly JsonSerializerSettings settings = new JsonSerializerSettings { ContractResolver = new CamelCasePropertyNamesContractResolver() };

	static readonly JsonSerializer reader = new JsonSerializer();

	class Refused : Exception
	{
		public readonly HttpStatusCode Status;
		public Refused(HttpStatusCode status, string body) : base(status + ": " + body) { Status = status; }
	}

	static JObject Call(string method, string path, object body = null)
	{
		var request = (HttpWebRequest)WebRequest.Create(address + path);
		request.Method = method;
		request.Accept = "text/plain";
		request.Headers["x-api-key"] = key;
		if (body != null)
		{
			var bytes = Encoding.UTF8.GetBytes(JsonConvert.SerializeObject(body, settings));
			request.ContentType = "application/json-patch+json";
			using (var stream = request.GetRequestStream())
				stream.Write(bytes, 0, bytes.Length);
		}
		try
		{
			using (var response = (HttpWebResponse)request.GetResponse())
				return Read(response);
		}
		catch (WebException refused) when (refused.Response != null)
		{
			using (var reader = new StreamReader(refused.Response.GetResponseStream()))
				throw new Refused(((HttpWebResponse)refused.Response).StatusCode, method + " " + path + " " + reader.ReadToEnd());
		}
	}

	static JObject Read(HttpWebResponse response)
	{
		using (var reader = new StreamReader(response.GetResponseStream()))
		{
			var text = reader.ReadToEnd();
			var value = text == "" ? new JObject() : JObject.Parse(text);
			if (value["success"] != null)
				Check((bool)value["success"], text);
			return value;
		}
	}

	static void Check(bool right, string what)
	{
		if (!right)
			throw new Exception(what);
	}

	/// <summary>All rows of a list, as objects.</summary>
	static List<T> List<T>(string path, string member)
	{
		var items = Call("GET", path)[member];
		return items == null ? new List<T>() : items.ToObject<List<T>>(reader);
	}

	static T One<T>(string path, string member) { return List<T>(path, member).Single(); }

	static string Unique(string name) { return name + "-" + Guid.NewGuid().ToString("N").Substring(0, 10); }

	/// <summary>A refusal is a status and a message, never a broken connection.</summary>
	static void Refuse(HttpStatusCode status, Func<JObject> call)
	{
		try
		{
			call();
		}
		catch (Refused refused)
		{
			Check(refused.Status == status, refused.Message);
			return;
		}
		throw new Exception("was not refused: " + status);
	}

	static int SellAProduct(int customer, out int license)
	{
		var product = (int)Call("POST", "/v1/products", new { product = new Product { Name = "Paint", Price = 49.9 } })["productId"];
		var stored = One<Product>("/v1/products?filter=Id=" + product, "products");
		Check(stored.Name == "Paint" && stored.Price == 49.9 && stored.CreatedAt.Year > 2000, "product");
		stored.Description = "A program to paint with";
		Call("PUT", "/v1/products", new { product = stored });
		Check(One<Product>("/v1/products?filter=Id=" + product, "products").Description == stored.Description, "product changed");

		var releases = "/v1/products/" + product + "/releases";
		var release = (int)Call("POST", releases, new { release = new Release { Name = "Spring", Version = "1.0" } })["releaseId"];
		var assembly = (int)Call("POST", releases + "/" + release + "/assemblies",
			new { productId = product, releaseId = release, assembly = new Assembly { Name = Unique("Paint.Core"), Version = "1.0.0.0" } })["assemblyId"];
		Check(List<Assembly>(releases + "/" + release + "/assemblies", "assemblies").Single().Id == assembly, "assembly of a release");
		var spring = List<Release>(releases, "releases").Single();
		spring.Version = "1.0.1";
		Call("PUT", releases, new { release = spring });

		var template = (int)Call("POST", "/v1/license-templates", new { licenseTemplate = new LicenseTemplate { Name = Unique("Yearly"), ProductId = product,
			ExpireDays = 365, Fields = new List<Field> { new Field { Name = "edition", Value = "pro" } } } })["templateId"];
		Check(One<LicenseTemplate>("/v1/license-templates?include=*&filter=Id=" + template, "licenseTemplates").Fields.Single().Value == "pro", "field of a template");
		var yearly = One<LicenseTemplate>("/v1/license-templates?include=*&filter=Id=" + template, "licenseTemplates");
		yearly.SupportDays = 90;
		Call("PUT", "/v1/license-templates", new { licenseTemplate = yearly });

		var order = (int)Call("POST", "/v1/orders", new { order = new Order { CustomerId = customer, Total = 7 * 1.1, Currency = "EUR" } })["orderId"];
		Call("POST", "/v1/orders/" + order + "/products/" + product, new { productOrder = new ProductOrder { Quantity = 2, UnitPrice = 49.9 } });
		var position = List<ProductOrder>("/v1/orders/" + order + "/products", "orderProducts").Single();
		Check(position.Quantity == 2 && position.ProductId == product, "position of an order");
		position.Quantity = 3;
		Call("PUT", "/v1/orders/" + order + "/products/" + product, new { productOrder = position });
		Check(Math.Abs(One<Order>("/v1/orders?filter=Id=" + order, "orders").Total - 7.7) < 0.00005, "total");

		var answer = Call("POST", "/v1/licenses", new { license = new License { CustomerId = customer, OrderId = order, TemplateId = template,
			MaxAllowedSites = 2, ExpireDate = DateTime.MaxValue, Features = new List<Feature> { new Feature { Id = "layers", Name = "Layers" } } } });
		license = (int)answer["licenseId"];
		Check(!string.IsNullOrEmpty((string)answer["userKey"]), "user key");
		Check(List<License>("/v1/orders/" + order + "/licenses", "licenses").Single().Id == license, "license of an order");
		Check(List<License>("/v1/license-templates/" + template + "/licenses", "licenses").Single().Id == license, "license of a template");
		Check(List<License>("/v1/customers/" + customer + "/licenses", "licenses").Single().Id == license, "license of a customer");
		Check(List<Order>("/v1/customers/" + customer + "/orders", "orders").Single().Id == order, "order of a customer");
		Check(List<ProductOrder>("/v1/products/" + product + "/orders?include=*", "productOrders").Single().OrderId == order, "order of a product");
		return product;
	}

	static void ManageALicense(int license)
	{
		var stored = One<License>("/v1/licenses?include=*&filter=Id=" + license, "licenses");
		Check(stored.ExpireDate.Year == 9999 && stored.Features.Single().Id == "layers", "license");
		stored.Description = "moved to another computer";
		Call("PUT", "/v1/licenses", new { license = stored });
		Check(One<License>("/v1/licenses?filter=Id=" + license, "licenses").Description == stored.Description, "license changed");

		var tokens = "/v1/licenses/" + license + "/tokens";
		var token = (int)Call("POST", tokens, new { licenseToken = new LicenseToken { ClientId = "Paint", MachineId = "M-1", ClientName = "desk" } })["licenseTokenId"];
		Check(List<LicenseToken>(tokens, "licenseTokens").Single().MachineId == "M-1", "token");
		Check(List<LicenseToken>("/v1/license-tokens?filter=LicenseId=" + license, "licenseTokens").Count == 1, "tokens");
		Check((int)Call("GET", tokens + "?countOnly=true")["licenseTokensCount"] == 1, "number of tokens");
		Call("DELETE", tokens + "/" + token);
		Check(List<LicenseTrace>("/v1/license-traces?licenseId=" + license, "licenseTraces").Count >= 0, "traces");
		Call("DELETE", "/v1/license-traces", new { traceId = 0, licenseId = license, filter = (string)null });
	}

	static void AdmitPeople()
	{
		var name = Unique("ada");
		var user = (string)Call("POST", "/v1/users", new { user = new User { UserName = name, FirstName = "Ada" }, password = "a-passphrase-for-programs-9" })["userId"];
		Call("POST", "/v1/users/" + user + "/roles", new { roles = "Sales" });
		Check(List<Role>("/v1/users/" + user + "/roles", "roles").Single().Name == "Sales", "role");
		Check(List<Role>("/v1/roles", "roles").Any(one => one.Name == "Administrator"), "roles");
		var settings = "/v1/users/" + user + "/settings";
		var setting = (int)Call("POST", settings, new { setting = new UserSetting { Name = "theme", Value = "dark" } })["settingId"];
		var stored = List<UserSetting>(settings, "settings").Single();
		stored.Value = "light";
		Call("PUT", settings, new { setting = stored });
		Call("DELETE", settings + "/" + setting);
		var answer = Call("POST", "/v1/api-keys", new { apiKey = new ApiKey { Name = "for Ada", OwnerId = user, Permissions = 1 } });
		Check(One<ApiKey>("/v1/api-keys?filter=Id=" + answer["apiKeyId"], "apiKeys").OwnerId == user, "owner of a key");

		var administrator = key;
		key = (string)answer["apiKey"];
		Check(List<Customer>("/v1/customers?take=1", "customers").Count <= 1, "Ada reads");
		Refuse(HttpStatusCode.Forbidden, () => Call("POST", "/v1/customers", new { customer = new Customer() }));
		key = administrator;
		Call("DELETE", "/v1/api-keys/" + answer["apiKeyId"]);
		Call("DELETE", "/v1/users/" + user + "/roles", new { roles = "Sales" });
		Call("DELETE", "/v1/users/" + user);
	}

	static void LookBack()
	{
		Check((int)Call("GET", "/v1/info")["totalLicenses"] > 0, "info");
		Check(List<LogEntry>("/v1/log?take=5&sort=Id desc", "logEntries").Count == 5, "log");
		Check(List<LogLevel>("/v1/log/levels?intervals=3", "logLevels").Count > 0, "levels");
		Check(List<Report>("/v1/reports", "reports").Count >= 0, "reports");
		Check(((JArray)Call("GET", "/v1/settings")["settings"]).Count > 0, "settings");
		var resource = (int)Call("POST", "/v1/resources", new { resource = new Resource { Name = Unique("letter"), Type = "email", DataFormat = "html",
			Data = Convert.ToBase64String(Encoding.UTF8.GetBytes("<p>Hello</p>")) } })["resourceId"];
		Check(One<Resource>("/v1/resources?filter=Id=" + resource, "resources").Type == "email", "resource");
		Call("DELETE", "/v1/resources/" + resource);
		Refuse(HttpStatusCode.NotFound, () => Call("DELETE", "/v1/products/2147483647"));
		Refuse(HttpStatusCode.BadRequest, () => Call("GET", "/v1/products?filter=NoSuchMember=1"));
	}

	public static int Main(string[] arguments)
	{
		address = arguments[0];
		key = arguments[1];
		if (arguments.Contains("send-set"))
			settings.DefaultValueHandling = DefaultValueHandling.Ignore;
		if (arguments.Contains("skip-nulls"))
			reader.NullValueHandling = NullValueHandling.Ignore;

		// The first call of all: an object as it was made, with one member set.
		var first = Call("POST", "/v1/customers", new { customer = new Customer { Company = "Acme" } });
		var customer = (int)first["customerId"];
		Check(!string.IsNullOrEmpty((string)first["customerCode"]), "code");
		var contact = (int)Call("POST", "/v1/contacts", new { contact = new Contact { FirstName = "Grace", CustomerId = customer } })["contactId"];
		Check(List<Contact>("/v1/customers/" + customer + "/contacts", "contacts").Single().Id == contact, "contact");
		var acme = One<Customer>("/v1/customers?include=*&filter=Id=" + customer, "customers");
		acme.City = "Hamburg";
		Call("PUT", "/v1/customers", new { customer = acme });
		Check(List<Contact>("/v1/customers/" + customer + "/contacts", "contacts").Single().Id == contact, "contact kept");

		int license;
		var product = SellAProduct(customer, out license);
		ManageALicense(license);
		AdmitPeople();
		LookBack();

		Refuse(HttpStatusCode.Conflict, () => Call("DELETE", "/v1/products/" + product));
		Call("DELETE", "/v1/licenses/" + license);
		Console.WriteLine("done");
		return 0;
	}
}
